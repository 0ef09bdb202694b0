using AspireIntegration.Client;
using AspireIntegration.Client.Operating;

namespace Tests.Client;

public sealed class ReadingEvents : OnAClient
{
    [Fact]
    public async Task An_event_is_found_by_each_part_of_a_query()
    {
        var sent = OperatedMiddleware.Event("wanted", "billing & co") with { Severity = "critical", Message = "find me", CorrelationId = "c-7" };
        var accepted = await Middleware.Publisher.PublishAsync(sent, Waiting.Cancellation);
        await Middleware.Publisher.PublishAsync(OperatedMiddleware.Event("other"), Waiting.Cancellation);
        await Waiting.Until(async () => (await Client.Events.GetAsync(accepted.EventId, Waiting.Cancellation)).Status == EventStatus.Delivered);

        EventQuery[] queries =
        [
            new() { Source = "billing & co" },
            new() { EventType = "wanted" },
            new() { Priority = Priority.Critical },
            new() { CorrelationId = "c-7" },
            new() { Q = "find me" },
            new() { Status = EventStatus.Delivered, EventType = "wanted", Since = TestClock.Noon, Until = TestClock.Noon.AddHours(1) },
        ];
        foreach (var query in queries)
        {
            Assert.Equal([accepted.EventId], (await Client.Events.ListAsync(query, Waiting.Cancellation)).Items.Select(static item => item.EventId));
        }

        Assert.Empty((await Client.Events.ListAsync(new() { Until = TestClock.Noon }, Waiting.Cancellation)).Items);
    }

    [Fact]
    public async Task All_pages_are_read_one_after_the_other()
    {
        await Middleware.Publisher.PublishBatchAsync([.. Enumerable.Range(0, 7).Select(static number => OperatedMiddleware.Event($"made-{number}"))], cancellationToken: Waiting.Cancellation);

        var page = await Client.Events.ListAsync(new() { Limit = 3 }, Waiting.Cancellation);
        var next = await Client.Events.ListAsync(new() { Limit = 3, Cursor = page.NextCursor }, Waiting.Cancellation);
        var all = await Client.Events.ListAllAsync(new() { Limit = 3 }, Waiting.Cancellation).Select(static item => item.EventType).ToListAsync(Waiting.Cancellation);

        Assert.Equal(["made-6", "made-5", "made-4"], page.Items.Select(static item => item.EventType));
        Assert.Equal("made-3", next.Items[0].EventType);
        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(static number => $"made-{number}"), all);
    }

    [Fact]
    public async Task An_event_shows_its_payload_deliveries_and_attempts()
    {
        var sent = OperatedMiddleware.Event() with { Metadata = new JsonObject { ["a"] = 1.50m }, ExpiresIn = TimeSpan.FromHours(1.5) };
        var accepted = await Middleware.Publisher.PublishAsync(sent, Waiting.Cancellation);
        await Waiting.Until(async () => (await Client.Events.GetAsync(accepted.EventId, Waiting.Cancellation)).Status == EventStatus.Delivered);

        var detail = await Client.Events.GetAsync(accepted.EventId, Waiting.Cancellation);

        Assert.Equal(("tests", "made", Priority.Low, 1), (detail.Source, detail.EventType, detail.Priority, detail.Endpoints));
        Assert.Equal(TestClock.Noon, detail.AcceptedAt);
        Assert.Equal(TestClock.Noon.AddHours(1.5), detail.ExpiresAt);
        Assert.Equal("1.50", detail.Payload!.Value.GetProperty("metadata").GetProperty("a").GetRawText());
        Assert.Equal((DeliveryStatus.Delivered, "default"), (Assert.Single(detail.Deliveries).Status, detail.Deliveries[0].EndpointId));
        Assert.Equal((200, 1), (Assert.Single(detail.Attempts).StatusCode, detail.Attempts[0].Number));
    }

    [Fact]
    public async Task An_event_shows_why_an_endpoint_gets_it()
    {
        var accepted = await Middleware.Publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        await Client.Endpoints.CreateAsync(OperatedMiddleware.Endpoint() with { Filter = new() { EventTypes = ["other"], Expression = "missing = 1" } }, Waiting.Cancellation);

        var matches = (await Client.Events.MatchesAsync(accepted.EventId, cancellationToken: Waiting.Cancellation)).Items;

        Assert.Equal([true, false], matches.Select(static match => match.Matches));
        Assert.False(matches[1].Parts.EventTypes);
        Assert.True(matches[1].Parts.Sources);
        Assert.Equal(ExpressionFaultKind.MissingAttribute, matches[1].Error!.Kind);
        await foreach (var match in Client.Events.MatchesAllAsync(accepted.EventId, new() { Limit = 1 }, Waiting.Cancellation))
        {
            Assert.Contains(match.EndpointId, matches.Select(static one => one.EndpointId));
        }
    }

    [Fact]
    public async Task An_event_is_replayed_and_erased()
    {
        var accepted = await Middleware.Publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        await Waiting.Until(async () => (await Client.Events.GetAsync(accepted.EventId, Waiting.Cancellation)).Status == EventStatus.Delivered);

        var all = await Client.Events.ReplayAsync(accepted.EventId, cancellationToken: Waiting.Cancellation);
        await Waiting.Until(async () => (await Client.Events.GetAsync(accepted.EventId, Waiting.Cancellation)).Attempts.Count == 2);
        var one = await Client.Events.ReplayAsync(accepted.EventId, new() { EndpointId = "default" }, Waiting.Cancellation);
        await Client.Events.EraseAsync(accepted.EventId, Waiting.Cancellation);

        Assert.Equal((accepted.EventId, ReplayResult.Queued), (all.EventId, Assert.Single(all.Deliveries).Result));
        Assert.Equal("default", Assert.Single(one.Deliveries).EndpointId);
        Assert.Null((await Client.Events.GetAsync(accepted.EventId, Waiting.Cancellation)).Payload);
    }

    [Fact]
    public async Task An_unknown_event_is_a_refusal_with_its_correlation_id()
    {
        var refusal = await Assert.ThrowsAsync<AspireIntegrationException>(() => Client.Events.GetAsync(new string('0', 32), Waiting.Cancellation));

        Assert.Equal(HttpStatusCode.NotFound, refusal.StatusCode);
        Assert.NotEmpty(refusal.Title);
        Assert.Matches("^[0-9a-f]{32}$", refusal.CorrelationId);
        Assert.Contains(refusal.CorrelationId!, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(refusal.Errors);
        Assert.Null(refusal.RetryAfter);
    }

    [Theory]
    [InlineData("../keys")]
    [InlineData("a/b?c#d")]
    public async Task An_id_never_leads_to_another_route(string id)
    {
        var refusal = await Assert.ThrowsAsync<AspireIntegrationException>(() => Client.Events.GetAsync(id, Waiting.Cancellation));

        Assert.Equal(HttpStatusCode.BadRequest, refusal.StatusCode);
        Assert.Contains("event_id", refusal.Errors.Keys);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("..")]
    public async Task An_id_that_is_no_segment_of_a_path_is_not_sent(string id) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Client.Events.EraseAsync(id, Waiting.Cancellation));
}
