using Middleware.Events;

namespace Tests.Middleware.Events;

public class FailureReasonTests
{
    [Theory]
    [InlineData(199, "http_199")]
    [InlineData(200, null)]
    [InlineData(204, null)]
    [InlineData(299, null)]
    [InlineData(300, "redirect")]
    [InlineData(302, "redirect")]
    [InlineData(304, "redirect")]
    [InlineData(399, "redirect")]
    [InlineData(400, "http_400")]
    [InlineData(408, "http_408")]
    [InlineData(410, "http_410")]
    [InlineData(429, "http_429")]
    [InlineData(500, "http_500")]
    [InlineData(503, "http_503")]
    [InlineData(599, "http_599")]
    public void A_status_has_its_reason_and_only_2xx_has_none(int status, string? reason) => Assert.Equal(reason, FailureReason.FromStatus(status));

    [Fact]
    public void The_words_are_stored_and_never_change() => Assert.Equal(
        ["timeout", "connection_refused", "connection_reset", "dns", "tls", "redirect", "network", "address_refused", "proxy", "token", "secret"],
        [
            FailureReason.Timeout, FailureReason.ConnectionRefused, FailureReason.ConnectionReset, FailureReason.Dns, FailureReason.Tls,
            FailureReason.Redirect, FailureReason.Network, FailureReason.AddressRefused, FailureReason.Proxy, FailureReason.Token, FailureReason.Secret,
        ]);

    [Theory]
    [InlineData(FailureReason.Timeout, true)]
    [InlineData(FailureReason.Dns, true)]
    [InlineData(FailureReason.Network, true)]
    [InlineData(FailureReason.Proxy, true)]
    [InlineData(FailureReason.Token, true)]
    [InlineData(FailureReason.Secret, true)]
    [InlineData(FailureReason.AddressRefused, false)]
    [InlineData(FailureReason.Unreadable, false)]
    [InlineData(FailureReason.EndpointDeleted, false)]
    public void Without_an_answer_the_reason_says_whether_it_may_pass(string reason, bool mayPass) => Assert.Equal(
        mayPass, FailureReason.MayPass(new Attempt { Number = 1, StartedAt = TestClock.Noon, Duration = TimeSpan.Zero, Reason = reason }));
}
