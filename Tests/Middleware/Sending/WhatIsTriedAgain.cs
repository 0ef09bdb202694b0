using Middleware.Endpoints;

namespace Tests.Middleware.Sending;

public sealed class WhatIsTriedAgain : OnASender
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    private readonly TestClock _clock = new();

    [Fact]
    public async Task A_receiver_that_recovers_gets_the_event_after_pauses_of_500_ms_and_1_s()
    {
        await using var receiver = new Receiver(Receiver.Answer(503, "busy"), Receiver.Answer(503), Receiver.Answer(200, "fine"));
        await using var sender = new Sender(_clock);

        var sending = sender.Send(receiver.Url);
        await _clock.WaitBegun(TimeSpan.FromMilliseconds(500));
        _clock.Advance(TimeSpan.FromMilliseconds(500) - TimeSpan.FromTicks(1));
        Assert.Single(receiver.Requests);
        _clock.Advance(TimeSpan.FromTicks(1));
        await _clock.Pass(TimeSpan.FromSeconds(1));
        var outcome = await sending;

        Assert.True(outcome.IsDelivered);
        Assert.Equal([1, 2, 3], outcome.Attempts.Select(attempt => attempt.Number));
        Assert.Equal([503, 503, 200], outcome.Attempts.Select(attempt => attempt.StatusCode!.Value));
        Assert.Equal(["http_503", "http_503", null], outcome.Attempts.Select(attempt => attempt.Reason));
        Assert.Equal(["HTTP status 503", "HTTP status 503", null], outcome.Attempts.Select(attempt => attempt.Error));
        Assert.Equal(["busy", "", "fine"], outcome.Attempts.Select(attempt => System.Text.Encoding.UTF8.GetString(attempt.Response.Span)));
        Assert.Equal([0, 500, 1_500], outcome.Attempts.Select(attempt => (attempt.StartedAt - TestClock.Noon).TotalMilliseconds));
        Assert.Equal([3, 0.5, 3, 1, 3], _clock.Waits.Select(wait => wait.TotalSeconds));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(501)]
    [InlineData(503)]
    [InlineData(599)]
    public async Task Any_5xx_is_tried_four_times(int status)
    {
        await using var receiver = new Receiver(Receiver.Answer(status));

        var outcome = await Sender.Send(receiver.Url);

        Assert.Equal(4, receiver.Requests.Count);
        Assert.Equal(Enumerable.Repeat("http_" + status, 4), outcome.Attempts.Select(attempt => attempt.Reason));
        Assert.Equal([500, 1_000, 2_000], Clock.Waits.Where(wait => wait <= Sender.Pauses).Select(wait => wait.TotalMilliseconds));
    }

    [Theory]
    [InlineData(300, "redirect")]
    [InlineData(302, "redirect")]
    [InlineData(307, "redirect")]
    [InlineData(400, "http_400")]
    [InlineData(408, "http_408")]
    [InlineData(410, "http_410")]
    [InlineData(429, "http_429")]
    public async Task Any_other_failure_is_over_after_one_try(int status, string reason)
    {
        await using var receiver = new Receiver(Receiver.Answer(status, header: "Location: /elsewhere\r\nRetry-After: 1"));

        var outcome = await Sender.Send(receiver.Url);

        Assert.Single(receiver.Requests);
        Assert.False(outcome.IsDelivered);
        var attempt = Assert.Single(outcome.Attempts);
        Assert.Equal((status, reason, $"HTTP status {status}"), (attempt.StatusCode, attempt.Reason, attempt.Error));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    [InlineData(299)]
    public async Task Any_2xx_is_delivered(int status)
    {
        await using var receiver = new Receiver(Receiver.Answer(status));

        Assert.True((await Sender.Send(receiver.Url)).IsDelivered);
        Assert.Single(receiver.Requests);
    }

    [Fact]
    public async Task A_receiver_cannot_make_a_pause_longer()
    {
        await using var receiver = new Receiver(Receiver.Answer(503, header: "Retry-After: 3600"), Receiver.Answer(200));

        Assert.Equal(2, (await Sender.Send(receiver.Url)).Attempts.Count);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(10, 11)]
    public async Task There_are_as_many_more_tries_as_the_plan_says(int maxRetries, int tries)
    {
        var clock = new TestClock { Hurried = TimeSpan.FromMinutes(4) };
        await using var receiver = new Receiver(Receiver.Answer(503));
        await using var sender = new Sender(clock);
        var plan = new RetryPlan(TimeSpan.FromMinutes(5), maxRetries, TimeSpan.FromMilliseconds(200));

        var outcome = await sender.Send(Made.Endpoint(url: receiver.Url, retries: plan));

        Assert.Equal(tries, outcome.Attempts.Count);
        Assert.Equal(tries, receiver.Requests.Count);
    }

    [Fact]
    public async Task A_receiver_that_hangs_is_given_its_time_and_tried_again()
    {
        await using var receiver = new Receiver(Receiver.Hang, Receiver.Hang, Receiver.Answer(200));
        await using var sender = new Sender(_clock);

        var sending = sender.Send(receiver.Url);
        await receiver.Received(1);
        _clock.Advance(Timeout);
        await _clock.Pass(TimeSpan.FromMilliseconds(500));
        await receiver.Received(2);
        _clock.Advance(Timeout);
        await _clock.Pass(TimeSpan.FromSeconds(1));
        var outcome = await sending;

        Assert.True(outcome.IsDelivered);
        Assert.Equal(["timeout", "timeout", null], outcome.Attempts.Select(attempt => attempt.Reason));
        Assert.Equal([Timeout, Timeout, TimeSpan.Zero], outcome.Attempts.Select(attempt => attempt.Duration));
        Assert.Equal([0, 3.5, 7.5], outcome.Attempts.Select(attempt => (attempt.StartedAt - TestClock.Noon).TotalSeconds));
        Assert.Null(outcome.Attempts[0].StatusCode);
        Assert.Equal("no answer within the time-out", outcome.Attempts[0].Error);
    }
}
