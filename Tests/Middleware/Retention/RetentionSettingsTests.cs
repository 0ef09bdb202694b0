using Microsoft.Extensions.Configuration;
using Middleware.Retention;
using ServiceDefaults.Settings;

namespace Tests.Middleware.Retention;

public sealed class RetentionSettingsTests
{
    [Fact]
    public void Events_are_kept_for_a_week_and_dead_letters_for_a_month() =>
        Assert.Equal(new RetentionSettings(TimeSpan.FromDays(7), TimeSpan.FromDays(30)), RetentionSettings.Read(Settings([])));

    [Theory]
    [InlineData("RETENTION", "7")]
    [InlineData("RETENTION", "59s")]
    [InlineData("DEAD_LETTER_RETENTION", "-1d")]
    [InlineData("DEAD_LETTER_RETENTION", "3651d")]
    public void A_bad_value_is_named_in_one_line(string name, string value)
    {
        var reader = Settings(new() { [name] = value });

        RetentionSettings.Read(reader);

        Assert.Equal(
            $"{name}: \"{value}\" is not accepted; expected a duration such as 3s, 500ms or 1m30s, from 1m to 3650d.", Assert.Single(reader.Failures));
    }

    private static SettingsReader Settings(Dictionary<string, string?> values) => new(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
}
