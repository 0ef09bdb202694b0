using CsCheck;
using ServiceDefaults.Settings;

namespace Tests.ServiceDefaults;

public class DurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("1ms", 1)]
    [InlineData("500ms", 500)]
    [InlineData("3s", 3_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1m500ms", 60_500)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("7d", 604_800_000)]
    [InlineData("1d2h3m4s5ms", 93_784_005)]
    [InlineData("10000d", 864_000_000_000)]
    public void A_duration_is_read(string text, long milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var value));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(TimeSpan.TicksPerMillisecond, 1)]
    [InlineData((249 * TimeSpan.TicksPerMillisecond) + 1, 250)]
    public void A_wait_is_rounded_up_to_whole_milliseconds(long ticks, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Duration.RoundUp(TimeSpan.FromTicks(ticks)));

    public static TheoryData<string?> NoDurations =>
    [
        (string?)null, "", " ", "3", "00", "s", "-1s", "+1s", "3 s", "3s ", "3S", "3us", "1e3s", "1,5s", "1..5s", ".s", "1m30", "00:00:03", "\u0661s", "10000d1ms",
        "1000000000000000000s", "999999999999999999d", "1.", "1.s",
    ];

    [Theory]
    [MemberData(nameof(NoDurations))]
    public void Anything_else_is_not(string? text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void What_is_written_is_read_back_to_the_millisecond() =>
        Gen.Long[0, 10_000 * TimeSpan.TicksPerDay].Sample(ticks =>
        {
            Assert.True(Duration.TryParse(Duration.Format(TimeSpan.FromTicks(ticks)), out var read));
            Assert.Equal(ticks - (ticks % TimeSpan.TicksPerMillisecond), read.Ticks);
        });

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(500, "500ms")]
    [InlineData(90_000, "1m30s")]
    [InlineData(93_784_005, "1d2h3m4s5ms")]
    public void A_duration_is_written_in_its_units(long milliseconds, string text) => Assert.Equal(text, Duration.Format(TimeSpan.FromMilliseconds(milliseconds)));
}
