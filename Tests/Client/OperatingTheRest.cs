using AspireIntegration.Client;
using AspireIntegration.Client.Operating;
using Tests.Middleware.Callers;

namespace Tests.Client;

public sealed class OperatingTheRest : OnAClient
{
    [Fact]
    public async Task A_dead_letter_is_found_counted_replayed_and_discarded()
    {
        var dead = await Middleware.FailAsync();

        Assert.Equal((DeadLetterState.Resting, "http_400"), (dead.State, dead.Reason));
        var query = new DeadLetterQuery { EndpointId = "default", Source = "tests", Priority = Priority.Low, Reason = "http_400", State = DeadLetterState.Resting, Since = TestClock.Noon };
        await foreach (var found in Client.DeadLetters.ListAllAsync(query, Waiting.Cancellation))
        {
            Assert.Equal(dead, found);
        }

        var counts = await Client.DeadLetters.CountAsync(query with { Limit = 7 }, Waiting.Cancellation);
        Assert.Equal((1, "http_400", 1, false), (counts.Total, Assert.Single(counts.Items).Reason, counts.Items[0].Count, counts.TotalIsLowerBound));
        var detail = await Client.DeadLetters.GetAsync(dead.DeliveryId, Waiting.Cancellation);
        Assert.Equal(400, Assert.Single(detail.Attempts).StatusCode);

        Assert.Equal(ReplayResult.Queued, Assert.Single((await Client.DeadLetters.ReplayAsync(dead.DeliveryId, Waiting.Cancellation)).Deliveries).Result);
        await Waiting.Until(async () => (await Client.DeadLetters.GetAsync(dead.DeliveryId, Waiting.Cancellation)) is { State: DeadLetterState.Resting, AttemptCount: 2 });
        var discarded = await Client.DeadLetters.DiscardAsync(dead.DeliveryId, "jane", Waiting.Cancellation);
        Assert.Equal(DeadLetterState.Discarded, discarded.State);
        Assert.Contains("jane", discarded.DiscardedBy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replays_in_bulk_are_counted_made_followed_and_cancelled()
    {
        await Middleware.FailAsync();
        var request = new BulkReplayRequest { Of = ReplaySubject.DeadLetters, Filter = new() { Reason = "http_400", Since = TestClock.Noon }, Action = ReplayAction.Discard };

        var counted = await Client.Replays.CreateAsync(request with { DryRun = true }, "jane", Waiting.Cancellation);
        var made = await Client.Replays.CreateAsync(request with { RatePerSecond = 1 }, "jane", Waiting.Cancellation);
        var read = await Client.Replays.GetAsync(made.Id!, Waiting.Cancellation);
        var cancelled = await Client.Replays.CancelAsync(made.Id!, Waiting.Cancellation);

        Assert.Equal((null, true, 1, null), (counted.Id, counted.DryRun, counted.Total, counted.State));
        Assert.Equal((ReplaySubject.DeadLetters, ReplayAction.Discard, 1, TestClock.Noon), (read.Of, read.Action, read.RatePerSecond, read.Filter.Since));
        Assert.NotEqual(ReplayState.Running, cancelled.State);
        Assert.Equal(made.Id, Assert.Single((await Client.Replays.ListAsync(new() { Limit = 5 }, Waiting.Cancellation)).Items).Id);
        Assert.Equal(made.Id, (await Client.Replays.ListAllAsync(cancellationToken: Waiting.Cancellation).FirstAsync(Waiting.Cancellation)).Id);
    }

    [Fact]
    public async Task Erasures_in_bulk_are_counted_made_followed_and_cancelled()
    {
        await Middleware.Publisher.PublishAsync(OperatedMiddleware.Event(), Waiting.Cancellation);
        var request = new BulkErasureRequest { Filter = new() { EventType = "made" } };

        var counted = await Client.Erasures.CreateAsync(request with { DryRun = true }, Waiting.Cancellation);
        var made = await Client.Erasures.CreateAsync(request, Waiting.Cancellation);
        var read = await Client.Erasures.GetAsync(made.Id!, Waiting.Cancellation);
        await Client.Erasures.CancelAsync(made.Id!, Waiting.Cancellation);

        Assert.Equal((true, 1), (counted.DryRun, counted.Total));
        Assert.Equal((1, "made"), (read.Total, read.Filter.EventType));
        Assert.Equal(made.Id, Assert.Single((await Client.Erasures.ListAsync(cancellationToken: Waiting.Cancellation)).Items).Id);
        Assert.Equal(made.Id, (await Client.Erasures.ListAllAsync(cancellationToken: Waiting.Cancellation).FirstAsync(Waiting.Cancellation)).Id);
    }

    [Fact]
    public async Task A_selection_of_ids_is_replayed()
    {
        var dead = await Middleware.FailAsync();

        var counted = await Client.Replays.CreateAsync(new() { Of = ReplaySubject.DeadLetters, Ids = [dead.DeliveryId], DryRun = true }, "jane", Waiting.Cancellation);

        Assert.Equal((1, 1), (counted.Total, counted.Selected));
    }

    [Fact]
    public async Task Events_are_counted_by_query_and_by_minute()
    {
        await Middleware.Publisher.PublishBatchAsync([OperatedMiddleware.Event("a"), OperatedMiddleware.Event("b")], cancellationToken: Waiting.Cancellation);

        var counted = await Client.Events.CountAsync(new() { EventType = "a", Limit = 5 }, Waiting.Cancellation);
        var stats = await Client.Stats.GetAsync(minutes: 5, cancellationToken: Waiting.Cancellation);

        Assert.Equal((1, false), (counted.Total, counted.TotalIsLowerBound));
        Assert.Equal((5, 2), (stats.Minutes.Count, stats.Minutes[^1].Accepted));
    }

    [Fact]
    public async Task A_filter_is_tested()
    {
        var request = new FilterTestRequest { Filter = new() { Expression = "a + 'x' = 1" }, Event = OperatedMiddleware.Event() with { Metadata = new() { ["a"] = 1 } } };

        var result = await Client.Filters.TestAsync(request, Waiting.Cancellation);

        Assert.False(result.Matches);
        Assert.Equal(ExpressionFaultKind.Cast, result.Error!.Kind);
        Assert.True((await Client.Filters.TestAsync(request with { Filter = new() { Sources = ["tests"] } }, Waiting.Cancellation)).Matches);
    }

    [Fact]
    public async Task Changes_replicas_settings_and_health_are_shown()
    {
        var made = await Client.Endpoints.CreateAsync(OperatedMiddleware.Endpoint(), Waiting.Cancellation);

        var row = Assert.Single((await Client.Audit.ListAsync(new() { Target = made.Id, Since = TestClock.Noon }, Waiting.Cancellation)).Items);
        Assert.Equal(("endpoint.created", made.Id, "pager"), (row.Action, row.Target, row.After!.Value.GetProperty("name").GetString()));
        Assert.Equal(row.Number, (await Client.Audit.ListAllAsync(new() { Action = "endpoint.created" }, Waiting.Cancellation).FirstAsync(Waiting.Cancellation)).Number);
        Assert.True(Assert.Single((await Client.Replicas.ListAsync(Waiting.Cancellation)).Items).IsThis);
        Assert.Contains((await Client.Settings.ListAsync(Waiting.Cancellation)).Items, static setting => setting is { Name: "WORKER_COUNT", Value: "1", IsGiven: true });
        Assert.Equal(CheckStatus.Healthy, (await Client.Health.LiveAsync(Waiting.Cancellation)).Status);
        Assert.Equal(CheckStatus.Healthy, (await Client.Health.ReadyAsync(Waiting.Cancellation)).Checks!["store"].Status);
    }

    [Fact]
    public async Task Each_caller_shows_its_own_credential()
    {
        await using var keyed = new KeyedService();
        var admin = new AspireIntegrationClient(keyed.Service.Http, KeyedService.AdminKey);

        var made = await admin.Keys.CreateAsync(new() { Name = "reader", Scopes = ["events:read"], ExpiresAt = TestClock.Noon.AddDays(1) }, Waiting.Cancellation);
        var reader = admin.As(_ => ValueTask.FromResult(made.Key));
        var me = await reader.Me.GetAsync(Waiting.Cancellation);
        Assert.Equal($"key:{made.Id}", me.Name);
        Assert.Equal(["events:read"], me.Scopes);
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<AspireIntegrationException>(() => reader.Keys.ListAsync(Waiting.Cancellation))).StatusCode);

        var rotated = await admin.Keys.RotateAsync(made.Id, new() { Overlap = TimeSpan.FromHours(1) }, Waiting.Cancellation);
        Assert.NotEqual(made.Key, rotated.Key);
        Assert.Equal(TestClock.Noon.AddHours(1), rotated.OverlapUntil);
        Assert.Equal("reader", (await admin.Keys.GetAsync(made.Id, Waiting.Cancellation)).Name);
        Assert.Contains((await admin.Keys.ListAsync(Waiting.Cancellation)).Items, key => key.Id == made.Id && key.Key is null);
        await admin.Keys.RevokeAsync(made.Id, Waiting.Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<AspireIntegrationException>(() => reader.Me.GetAsync(Waiting.Cancellation))).StatusCode);
        var nobody = admin.As(static _ => ValueTask.FromResult<string?>(null));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<AspireIntegrationException>(() => nobody.Me.GetAsync(Waiting.Cancellation))).StatusCode);
    }

    [Fact]
    public async Task A_credential_that_cannot_be_sent_is_not_shown()
    {
        var client = Client.As(static _ => ValueTask.FromResult<string?>("secret\r\nX-Other: 1"));

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => client.Me.GetAsync(Waiting.Cancellation));

        Assert.DoesNotContain("secret", fault.ToString(), StringComparison.Ordinal);
        Assert.Equal("***", ((SecretValue)"secret").ToString());
    }
}
