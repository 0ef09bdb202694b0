using ServiceDefaults.Limits;
using ServiceDefaults.Settings;

namespace Tests.ServiceDefaults;

public class RequestRateTests
{
    [Theory]
    [InlineData("100/s burst 500", 100, 1, 500)]
    [InlineData("100/s", 100, 1, 100)]
    [InlineData("6000/m  burst  10", 6000, 60, 10)]
    [InlineData("1/h", 1, 3600, 1)]
    [InlineData("100000/s burst 1000000", 100_000, 1, 1_000_000)]
    public void A_rate_is_requests_in_a_period_and_a_burst(string text, int permits, int seconds, int burst)
    {
        Assert.Equal(new RequestRate(permits, seconds, burst), RequestRate.Parse(text));
        Assert.Equal(new RequestRate(permits, seconds, burst), RequestRate.Parse(new RequestRate(permits, seconds, burst).ToString()));
    }

    public static TheoryData<string> NoRates =>
    [
        "100", "100/d", "100/S", "0/s", "-1/s", "1.5/s", "100001/s", "99999999999999999999/s", "100/s burst", "100/s burst 0", "100/s burst 1000001", "100/sburst 5",
        "100/s, burst 5", " 100/s", "100/s\n", "\u0661/s",
    ];

    [Theory]
    [MemberData(nameof(NoRates))]
    public void Another_text_is_named_with_what_is_accepted(string text)
    {
        Assert.Null(RequestRate.Parse(text));
        var settings = new SettingsReader(SettingsReaderTests.Configured(("RATE_LIMIT", text), ("GLOBAL_RATE_LIMIT", text)));

        RateLimits.Read(settings);

        string Line(string name) => $"{name}: \"{text}\" is not accepted; {RequestRate.Expected}, or nothing for no limit.";
        Assert.Equal([Line("RATE_LIMIT"), Line("GLOBAL_RATE_LIMIT")], settings.Failures);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("10.0.0.0/8, 192.168.1.20,fd00::/8,::1", "10.0.0.0/8 192.168.1.20/32 fd00::/8 ::1/128")]
    public void Trusted_proxies_are_networks_and_addresses(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', TrustedProxies.Read(Proxies(text)).Networks));

    public static TheoryData<string> NoProxies =>
    [
        "10.0.0.1/8", "10/8", "010.0.0.0/8", "10.0.0.0/33", "10.0.0.0/8,,::1", "10.0.0.0/8 ::1", "proxy.internal", "10.0.0.1:8080", "[::1]", "fe80::1%eth0",
        "::ffff:10.0.0.0/104",
    ];

    [Theory]
    [MemberData(nameof(NoProxies))]
    public void Others_are_named_with_what_is_accepted(string text)
    {
        var settings = Proxies(text);

        TrustedProxies.Read(settings);

        Assert.Equal(
            [$"TRUSTED_PROXIES: \"{text}\" is not accepted; expected networks and addresses of proxies such as 10.0.0.0/8,192.168.1.20,fd00::/8, separated by commas, IPv4 in its own form, with no bit set behind a prefix, or nothing."],
            settings.Failures);
    }

    private static SettingsReader Proxies(string text) => new(SettingsReaderTests.Configured(("TRUSTED_PROXIES", text)));
}
