using System.Globalization;
using System.Text;
using AspireIntegration.Client;
using AspireIntegration.Client.Publishing;
using Microsoft.AspNetCore.Http;

namespace Tests.Client;

public sealed class PublishingEvents : OnAClient
{
    private IEnumerable<double> Pauses => Clock.Waits.Where(static wait => wait != AttemptTimeout).Select(static wait => wait.TotalSeconds);

    [Fact]
    public async Task An_event_is_accepted_under_its_ids()
    {
        var publisher = await PublisherAsync();

        var accepted = await publisher.PublishAsync(OperatedMiddleware.Event() with { CorrelationId = "c-7" }, Waiting.Cancellation);

        Assert.Equal((AcceptStatus.Accepted, "c-7", false), (accepted.Status, accepted.CorrelationId, accepted.IsDuplicate));
        Assert.Equal("c-7", (await Client.Events.GetAsync(accepted.EventId, Waiting.Cancellation)).CorrelationId);
    }

    [Fact]
    public async Task Letters_beyond_ASCII_take_no_more_bytes_than_in_UTF8()
    {
        var publisher = await PublisherAsync();

        await publisher.PublishAsync(OperatedMiddleware.Event() with { Message = "Straße 東京 <&>" }, Waiting.Cancellation);
        await publisher.PublishBatchAsync([OperatedMiddleware.Event() with { Message = "Straße 東京 <&>" }], cancellationToken: Waiting.Cancellation);

        Assert.All(Seen, static request => Assert.Contains("Straße 東京 <&>", Encoding.UTF8.GetString(request.Body), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_event_has_a_key_of_its_own_unless_one_is_given()
    {
        var publisher = await PublisherAsync();

        await publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        await publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        var first = await publisher.PublishAsync(OperatedMiddleware.Event() with { IdempotencyKey = "order-1" }, Waiting.Cancellation);
        var again = await publisher.PublishAsync(OperatedMiddleware.Event() with { IdempotencyKey = "order-1" }, Waiting.Cancellation);

        Assert.Equal(3, Seen.Select(static request => request.Key).Distinct().Count());
        Assert.All(Seen, static request => Assert.NotNull(request.Key));
        Assert.Equal((first.EventId, false, true), (again.EventId, first.IsDuplicate, again.IsDuplicate));
        Assert.Equal(3, await AcceptedAsync());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_refusal_that_ends_by_itself_is_retried_with_the_same_key_and_body(int status)
    {
        var publisher = await PublisherAsync(FaultyService.Refuse(status), FaultyService.Refuse(status), FaultyService.Refuse(status));

        await publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);

        Assert.Equal([0.15, 0.3, 0.6], Pauses);
        Assert.Equal(4, Seen.Count);
        Assert.Single(Seen.Select(static request => request.Key).Distinct());
        Assert.All(Seen, request => Assert.Equal(Seen[0].Body, request.Body));
        Assert.Equal(1, await AcceptedAsync());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Both_forms_of_Retry_After_are_waited_for(int status)
    {
        var date = TestClock.Noon.AddSeconds(9).ToString("R", CultureInfo.InvariantCulture);
        var publisher = await PublisherAsync(
            FaultyService.Refuse(status, "Retry-After: 7"), FaultyService.Refuse(status, $"Retry-After: {date}"), FaultyService.Refuse(status, "Retry-After: 0"));

        await publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);

        // A little chance is added, so that senders that were refused together do not return together.
        Assert.Equal([7.1, 9.1, 0.6], Pauses);
    }

    [Fact]
    public async Task A_Retry_After_beyond_the_limit_is_thrown_at_once()
    {
        var publisher = await PublisherAsync(FaultyService.Refuse(503, "Retry-After: 60"));

        var refusal = await Assert.ThrowsAsync<AspireIntegrationException>(() => publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(60)), (refusal.StatusCode, refusal.RetryAfter));
        Assert.Empty(Pauses);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(413)]
    [InlineData(422)]
    [InlineData(500)]
    public async Task Any_other_refusal_is_thrown_at_once(int status)
    {
        var publisher = await PublisherAsync(FaultyService.Refuse(status));

        var refusal = await Assert.ThrowsAsync<AspireIntegrationException>(() => publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation));

        Assert.Equal(status, (int)refusal.StatusCode);
        Assert.Single(Seen);
    }

    [Fact]
    public async Task A_faulty_event_has_its_faults()
    {
        var publisher = await PublisherAsync();

        var refusal = await Assert.ThrowsAsync<AspireIntegrationException>(
            () => publisher.PublishAsync(OperatedMiddleware.Event("") with { Message = " " }, Waiting.Cancellation));

        Assert.Equal(["event_type", "message"], refusal.Errors.Keys.Order());
    }

    [Fact]
    public async Task Resets_are_retried()
    {
        var publisher = await PublisherAsync(FaultyService.Reset, FaultyService.Reset);

        await publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);

        Assert.Equal(1, await AcceptedAsync());
    }

    [Fact]
    public async Task An_event_whose_answer_was_lost_is_accepted_once()
    {
        var publisher = await PublisherAsync();
        Faulty.Then(Faulty.LoseAnswer());

        var accepted = await publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);

        Assert.True(accepted.IsDuplicate);
        Assert.Equal(2, Seen.Count);
        Assert.Equal(accepted.EventId, Assert.Single((await Client.Events.ListAsync(cancellationToken: Waiting.Cancellation)).Items).EventId);
    }

    [Fact]
    public async Task A_service_that_is_not_there_yet_is_waited_for()
    {
        var clock = new TestClock();
        var port = LoopbackPort.Free();
        var publisher = PublisherOf(new Uri($"http://127.0.0.1:{port}"), clock, new());

        var publishing = publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        await clock.WaitBegun(TimeSpan.FromMilliseconds(150));
        await using var late = await WebReceiver.StartAsync(
            static async context => await context.Response.WriteAsync("""{"status":"accepted","event_id":"1","correlation_id":"2"}"""), port: port);
        clock.Advance(TimeSpan.FromMilliseconds(150));

        Assert.Equal("1", (await publishing.InTime()).EventId);
    }

    [Fact]
    public async Task A_hanging_service_is_left_when_the_time_of_the_attempt_is_over()
    {
        var clock = new TestClock();
        var begun = new TaskCompletionSource();
        var publisher = await PublisherAsync(clock, new() { AttemptTimeout = TimeSpan.FromSeconds(3) }, FaultyService.Hang(begun));

        var publishing = publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        await begun.Task.InTime();
        clock.Advance(TimeSpan.FromSeconds(3));
        await clock.Pass(TimeSpan.FromMilliseconds(150));
        await publishing.InTime();

        Assert.Equal(1, await AcceptedAsync());
    }

    [Fact]
    public async Task The_last_failure_is_thrown_when_the_time_is_over()
    {
        var clock = new TestClock();
        var publisher = await PublisherAsync(clock, new() { Limit = TimeSpan.FromSeconds(1) }, FaultyService.Refuse(503), FaultyService.Reset, FaultyService.Reset);

        var publishing = publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        await clock.Pass(TimeSpan.FromMilliseconds(150));
        await clock.Pass(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAsync<HttpRequestException>(publishing.InTime);
        Assert.Equal(3, Seen.Count);
    }

    [Fact]
    public async Task The_caller_ends_a_hanging_attempt()
    {
        var begun = new TaskCompletionSource();
        var publisher = await PublisherAsync(FaultyService.Hang(begun));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Waiting.Cancellation);

        var publishing = publisher.PublishAsync(OperatedMiddleware.Event(), end.Token);
        await begun.Task.InTime();
        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(publishing.InTime);
        Assert.Single(Seen);
    }

    [Theory]
    [InlineData("é")]
    [InlineData("two words")]
    [InlineData("")]
    public async Task A_key_that_no_header_can_hold_is_refused_and_nothing_is_sent(string key)
    {
        var publisher = await PublisherAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => publisher.PublishAsync(OperatedMiddleware.Event() with { IdempotencyKey = key }, Waiting.Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => publisher.PublishAsync(OperatedMiddleware.Event() with { CorrelationId = key }, Waiting.Cancellation));

        Assert.Empty(Seen);
    }

    [Fact]
    public async Task A_batch_is_judged_event_by_event()
    {
        var publisher = await PublisherAsync();

        var batch = await publisher.PublishBatchAsync([OperatedMiddleware.Event(), OperatedMiddleware.Event(""), OperatedMiddleware.Event()], "b-1", Waiting.Cancellation);
        var again = await publisher.PublishBatchAsync([OperatedMiddleware.Event(), OperatedMiddleware.Event(""), OperatedMiddleware.Event()], "b-1", Waiting.Cancellation);

        Assert.Equal((2, 1, true), (batch.Accepted, batch.Rejected, again.IsDuplicate));
        Assert.Equal([AcceptStatus.Accepted, AcceptStatus.Rejected, AcceptStatus.Accepted], batch.Results.Select(static result => result.Status));
        Assert.Equal(["event_type"], batch.Results[1].Errors!.Keys);
        Assert.False(batch.Results[1].IsTransient);
        Assert.Equal(2, await AcceptedAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => publisher.PublishBatchAsync([], cancellationToken: Waiting.Cancellation));
    }

    private async Task<int> AcceptedAsync() => (await Client.Events.ListAsync(cancellationToken: Waiting.Cancellation)).Items.Count;
}
