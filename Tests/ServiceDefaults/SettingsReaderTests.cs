using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Settings;

namespace Tests.ServiceDefaults;

public class SettingsReaderTests
{
    private const string UrlWanted = "expected an http or https URL such as http://example, or nothing for none";

    [Theory]
    [InlineData(null, 7)]
    [InlineData("", 7)]
    [InlineData("1", 1)]
    [InlineData("99", 99)]
    public void A_whole_number_is_read_or_has_its_default(string? given, int expected)
    {
        var settings = Reader(given);

        Assert.Equal(expected, settings.Whole("NAME", 7, 1, 99));
        Assert.Empty(settings.Failures);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("100")]
    [InlineData("abc")]
    [InlineData("1.0")]
    [InlineData("1_0")]
    [InlineData(" 5")]
    [InlineData("99999999999999999999")]
    public void Another_number_is_named_with_what_is_accepted(string given)
    {
        var settings = Reader(given);

        Assert.Equal(7, settings.Whole("NAME", 7, 1, 99));
        Assert.Equal([$"NAME: \"{given}\" is not accepted; expected a whole number from 1 to 99."], settings.Failures);
    }

    [Theory]
    [InlineData(null, 3000)]
    [InlineData("", 3000)]
    [InlineData("10ms", 10)]
    [InlineData("5m", 300_000)]
    public void A_duration_is_read_or_has_its_default(string? given, int milliseconds)
    {
        var settings = Reader(given);

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), settings.Duration("NAME", "3s", "10ms", "5m"));
        Assert.Empty(settings.Failures);
    }

    [Theory]
    [InlineData("9ms")]
    [InlineData("5m1ms")]
    [InlineData("-1s")]
    [InlineData("3")]
    public void Another_duration_is_named_with_what_is_accepted(string given)
    {
        var settings = Reader(given);

        Assert.Equal(TimeSpan.FromSeconds(3), settings.Duration("NAME", "3s", "10ms", "5m"));
        Assert.Equal(
            [$"NAME: \"{given}\" is not accepted; expected a duration such as 3s, 500ms or 1m30s, from 10ms to 5m."], settings.Failures);
    }

    [Theory]
    [InlineData(null, "http://fallback/")]
    [InlineData("", null)]
    [InlineData("http://a", "http://a/")]
    [InlineData("https://a:8443/b?c=d", "https://a:8443/b?c=d")]
    public void A_URL_is_read_has_its_default_or_is_none(string? given, string? expected)
    {
        var settings = Reader(given);

        Assert.Equal(expected, settings.HttpUrl("NAME", "http://fallback", "http://example")?.AbsoluteUri);
        Assert.Empty(settings.Failures);
    }

    [Theory]
    [InlineData("ftp://x", UrlWanted)]
    [InlineData("localhost:8081", UrlWanted)]
    [InlineData("/external/alerts", UrlWanted)]
    [InlineData("http://", UrlWanted)]
    [InlineData("no url", UrlWanted)]
    public void Another_URL_is_named_with_what_is_accepted(string given, string accepted)
    {
        var settings = Reader(given);

        Assert.Null(settings.HttpUrl("NAME", "http://fallback", "http://example"));
        Assert.Equal([$"NAME: \"{given}\" is not accepted; {accepted}."], settings.Failures);
    }

    [Fact]
    public void Credentials_in_a_URL_are_refused_and_not_repeated()
    {
        var settings = Reader("http://user:secret@host/path");

        Assert.Null(settings.HttpUrl("NAME", "http://fallback", "http://example"));
        Assert.Equal(
            ["NAME: \"http://***@host/path\" is not accepted; expected a URL without user name and password."], settings.Failures);
    }

    [Theory]
    [InlineData("ftp://user:secret@host/path")]
    [InlineData("http://user:secret@")]
    [InlineData("http://us\u00e9r:secret@host/path")]
    [InlineData("http://user:s ecret@host/path")]
    [InlineData("//user:secret@host/path")]
    public void Credentials_are_repeated_for_no_URL_that_is_refused(string given)
    {
        var settings = Reader(given);

        Assert.Null(settings.HttpUrl("NAME", "http://fallback", "http://example"));
        Assert.DoesNotContain("ecret", Assert.Single(settings.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_named_at_once_in_the_order_they_were_read()
    {
        var settings = new SettingsReader(Configured(("A", "x"), ("B", "y"), ("C", "z")));

        settings.Whole("A", 1, 1, 2);
        settings.Duration("B", "1s", "0s", "2s");
        settings.HttpUrl("C", "http://fallback", "http://example");
        settings.Refuse("D", "(hidden)", "expected nothing");

        Assert.Equal(
            [
                "A: \"x\" is not accepted; expected a whole number from 1 to 2.",
                "B: \"y\" is not accepted; expected a duration such as 3s, 500ms or 1m30s, from 0s to 2s.",
                $"C: \"z\" is not accepted; {UrlWanted}.",
                "D: \"(hidden)\" is not accepted; expected nothing.",
            ],
            settings.Failures);
    }

    [Fact]
    public void Settings_with_faults_cannot_be_asked_for()
    {
        using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(Configured(("A", "x"), ("B", "y")))
            .AddSettings(settings => new Pair(settings.Whole("A", 1, 1, 2), settings.Whole("B", 1, 1, 2)))
            .BuildServiceProvider();

        var exception = Assert.Throws<SettingsException>(services.GetRequiredService<Pair>);

        Assert.Equal(2, exception.Failures.Count);
        Assert.Equal(string.Join(Environment.NewLine, exception.Failures), exception.Message);
    }

    private static SettingsReader Reader(string? given) => new(Configured(("NAME", given)));

    internal static IConfigurationRoot Configured(params (string Name, string? Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Value)))
        .Build();

    private sealed record Pair(int A, int B);
}
