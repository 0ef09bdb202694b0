using System.Collections.Immutable;
using Middleware.DeadLetters;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.History;
using Middleware.Storage.Sql;

namespace Tests.Middleware.History;

[Trait("Store", "Any")]
public sealed class HistoryStoreTests() : OnADurableStore("pager", "chat")
{
    private static readonly WebhookEndpoint Pager = Made.Endpoint("pager");
    private static readonly WebhookEndpoint Chat = Made.Endpoint("chat");

    [Fact]
    public async Task The_status_of_an_event_for_several_endpoints_is_that_of_the_one_that_needs_most()
    {
        var one = await AcceptOne(Pager, Chat);
        Assert.Equal("pending: pager pending, chat pending", await StatusOf(one));

        await Store.Answer(404, Pager.Id.Value, Priority.High, count: 1);
        Assert.Equal("pending: pager dead_letter, chat pending", await StatusOf(one));

        await Store.Answer(200, Chat.Id.Value, Priority.High, count: 1);
        Assert.Equal("dead_letter: pager dead_letter, chat delivered", await StatusOf(one));

        await Store.History.DiscardAsync(new DeliveryId(one.Id, Pager.Id), new Actor("anonymous", "jane"), Waiting.Cancellation);
        Assert.Equal("dead_letter: pager discarded, chat delivered", await StatusOf(one));

        await Store.History.ReplayAsync(one.Id, new ReplayTarget(Pager.Id), "r-1", static _ => true, Actor.Service, Waiting.Cancellation);
        Assert.Equal("pending: pager pending, chat delivered", await StatusOf(one));

        await Store.Answer(200, Pager.Id.Value, Priority.Background, count: 1);
        Assert.Equal("delivered: pager delivered, chat delivered", await StatusOf(one));
    }

    [Fact]
    public async Task A_count_looks_at_as_many_of_the_newest_dead_letters_as_it_may_and_says_so()
    {
        await Accept(2, [Pager]);
        await Store.Answer(404, Pager.Id.Value, Priority.High, count: 2);
        await Accept(1, [Chat]);
        await Store.Answer(404, Chat.Id.Value, Priority.High, count: 1);
        using var connection = Store.Events.OpenReader();

        var all = DeadLetterWalk.Count(connection, new DeadLetterQuery());
        var newest = DeadLetterWalk.Count(connection, new DeadLetterQuery(), most: 2);

        Assert.Equal((3, false), (all.Total, all.TotalIsLowerBound));
        Assert.Equal([(Chat.Id, 1L), (Pager.Id, 1L)], newest.Items.Select(static item => (item.EndpointId, item.Count)));
        Assert.True(newest.TotalIsLowerBound);
    }

    [Fact]
    public async Task An_event_with_several_dead_letters_is_listed_once()
    {
        var events = await Accept(3, [Pager, Chat]);
        for (var count = 0; count < 3; count++)
        {
            await Store.Answer(404, Pager.Id.Value, Priority.High, count: 1);
            await Store.Answer(404, Chat.Id.Value, Priority.High, count: 1);
        }

        var dead = new HistoryQuery { Status = EventStatus.DeadLetter };
        var first = await Find(dead, limit: 2);
        var second = await Find(dead, first.Next!.Value, limit: 2);

        Assert.Equal([events[2].Id, events[1].Id], first.Items.Select(static item => item.Id));
        Assert.Equal([events[0].Id], second.Items.Select(static item => item.Id));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_replay_goes_to_the_endpoints_that_matched_are_there_and_have_it_not_pending()
    {
        var gone = new EndpointId("gone");
        var goneEndpoint = Chat with { Id = gone };
        var one = await AcceptOne(Pager, Chat, goneEndpoint);
        await Store.Answer(200, Pager.Id.Value, Priority.High, count: 1);
        await Store.Answer(200, goneEndpoint.Id.Value, Priority.High, count: 1);

        var replayed = await Store.History.ReplayAsync(one.Id, only: null, "r-1", id => id != gone, Actor.Service, Waiting.Cancellation);

        Assert.Equal(
            [
                new(new DeliveryId(one.Id, Pager.Id), ReplayResult.Queued),
                new(new DeliveryId(one.Id, Chat.Id), ReplayResult.AlreadyPending),
                new(new DeliveryId(one.Id, gone), ReplayResult.EndpointGone),
            ],
            replayed);
        var pending = await Store.Events.ReadPendingAsync(LaneId.Whole(Pager.Id), Priority.Background, 0, new PageLimit(10, 100), Waiting.Cancellation);
        Assert.Equal("r-1", Assert.Single(pending.Deliveries).ReplayId);
    }

    [Fact]
    public async Task A_page_looks_at_so_many_events_and_says_where_to_go_on()
    {
        await Accept(1, [], source: "rare");
        await Accept(EventWalk.MaxRows, []);
        var rare = new HistoryQuery { Source = "rare" };

        var first = await Find(rare);
        var second = await Find(rare, first.Next!.Value);

        Assert.Empty(first.Items);
        Assert.Single(second.Items);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_search_looks_at_so_many_bytes_and_says_where_to_go_on()
    {
        await Accept(1, [], source: "first");
        await Accept(10, [], payloadBytes: 1 << 20);
        var search = new HistoryQuery { Text = "{}" };

        var first = await Find(search);
        var second = await Find(search, first.Next!.Value);

        Assert.Empty(first.Items);
        Assert.Equal("first", Assert.Single(second.Items).Source);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task What_has_an_index_is_found_at_once_however_far_back_it_lies()
    {
        await Accept(1, [Pager], correlationId: "dead");
        await Store.Answer(404, Pager.Id.Value, Priority.High, count: 1);
        await Accept(1, [Pager], correlationId: "pending");
        await Accept(EventWalk.MaxRows, []);

        Assert.Single((await Find(new HistoryQuery { CorrelationId = "dead" })).Items);
        Assert.Equal("dead", Assert.Single((await Find(new HistoryQuery { Status = EventStatus.DeadLetter })).Items).CorrelationId);
        Assert.Equal("pending", Assert.Single((await Find(new HistoryQuery { Status = EventStatus.Pending })).Items).CorrelationId);
    }

    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task No_page_sorts_and_none_reads_a_table_from_its_start()
    {
        HistoryQuery[] filters =
        [
            new(),
            new() { Source = "s", EventType = "t", Priority = Priority.Low, Since = TestClock.Noon, Until = TestClock.Noon, Text = "q" },
            new() { CorrelationId = "c", Source = "s", Status = EventStatus.Delivered },
            new() { Status = EventStatus.DeadLetter, Source = "s" },
            new() { Status = EventStatus.Pending },
        ];
        DeadLetterQuery[] deadFilters =
        [new(), new() { Endpoint = EndpointId.Default, Reason = "r", State = DeadLetterState.Resting, Source = "s", EventType = "t", Priority = Priority.Low }];
        string[] queries =
        [
            .. filters.Select(static filter => EventWalk.Sql(filter, EventWalk.ConditionsOf(filter))),
            .. deadFilters.Select(static filter => DeadLetterWalk.Sql(DeadLetterWalk.ConditionsOf(filter))),
            DeadLetterWalk.FindSql,
            PendingReader.OldestSql,
        ];

        foreach (var query in queries)
        {
            var plan = Plan(Store.DatabasePath, query);
            Assert.Contains(plan, static step => step.StartsWith("SEARCH", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, static step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, static step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.StartsWith("SCAN n", StringComparison.Ordinal));
        }
    }

    /// <summary>Keeps so many events at once and gives them in order.</summary>
    private async Task<List<IntegrationEvent>> Accept(
        int count, ImmutableArray<WebhookEndpoint> endpoints, string source = "s", string correlationId = "c-1", int payloadBytes = 0)
    {
        var payload = payloadBytes == 0 ? "{}" : $"\"{new string('x', payloadBytes)}\"";
        var events = Enumerable.Range(0, count)
            .Select(_ => Made.Event(Priority.High, payload: payload) with { Source = source, CorrelationId = correlationId }).ToList();
        await Store.Accept(events, endpoints);
        return events;
    }

    private async Task<IntegrationEvent> AcceptOne(params ImmutableArray<WebhookEndpoint> endpoints) =>
        (await Accept(1, endpoints))[0];

    private Task<HistoryPage<EventSummary>> Find(HistoryQuery filter, long before = long.MaxValue, int limit = 50) =>
        Store.History.FindEventsAsync(filter, new PageRequest(before, limit), Waiting.Cancellation);

    private async Task<string> StatusOf(IntegrationEvent one)
    {
        var found = (await Store.History.FindEventAsync(one.Id, Waiting.Cancellation))!;
        return $"{found.Status.Name()}: {string.Join(", ", found.Deliveries.Select(delivery => $"{delivery.Endpoint} {delivery.Status.Name()}"))}";
    }

    private static List<string> Plan(string path, string query)
    {
        using var connection = StoreSql.OpenFile(path);
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The queries are the program's own.
        command.CommandText = $"EXPLAIN QUERY PLAN {query}";
#pragma warning restore CA2100
        for (var parameter = 1; parameter <= 12; parameter++)
        {
            command.Parameters.AddWithValue($"?{parameter}", 1);
        }

        using var rows = command.ExecuteReader();
        var plan = new List<string>();
        while (rows.Read())
        {
            plan.Add(rows.GetString(3));
        }

        return plan;
    }
}
