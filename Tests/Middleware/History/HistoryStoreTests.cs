using Microsoft.Data.Sqlite;
using Middleware.DeadLetters;
using Middleware.Delivering;
using Middleware.Events;
using Middleware.History;
using Middleware.Storage.Sqlite;

namespace Tests.Middleware.History;

public sealed class HistoryStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_status_of_an_event_for_several_endpoints_is_that_of_the_one_that_needs_most()
    {
        using var history = await HistoryStore.Open();
        var one = await history.AcceptOne(HistoryStore.Pager, HistoryStore.Chat);
        Assert.Equal("pending: pager pending, chat pending", await history.StatusOf(one));

        await history.Record(HistoryStore.Pager, Priority.High, 404);
        Assert.Equal("pending: pager dead_letter, chat pending", await history.StatusOf(one));

        await history.Record(HistoryStore.Chat, Priority.High, 200);
        Assert.Equal("dead_letter: pager dead_letter, chat delivered", await history.StatusOf(one));

        await history.Store.DiscardAsync(new DeliveryId(one.Id, HistoryStore.Pager.Id), "jane", Cancellation);
        Assert.Equal("dead_letter: pager discarded, chat delivered", await history.StatusOf(one));

        await history.Store.ReplayAsync(one.Id, HistoryStore.Pager.Id, "r-1", static _ => true, Cancellation);
        Assert.Equal("pending: pager pending, chat delivered", await history.StatusOf(one));

        await history.Record(HistoryStore.Pager, Priority.Background, 200);
        Assert.Equal("delivered: pager delivered, chat delivered", await history.StatusOf(one));
    }

    [Fact]
    public async Task An_event_with_several_dead_letters_is_listed_once()
    {
        using var history = await HistoryStore.Open();
        var events = await history.Accept(3, [HistoryStore.Pager, HistoryStore.Chat]);
        for (var count = 0; count < 3; count++)
        {
            await history.Record(HistoryStore.Pager, Priority.High, 404);
            await history.Record(HistoryStore.Chat, Priority.High, 404);
        }

        var dead = new HistoryQuery { Status = EventStatus.DeadLetter };
        var first = await history.Find(dead, limit: 2);
        var second = await history.Find(dead, first.Next!.Value, limit: 2);

        Assert.Equal([events[2].Id, events[1].Id], first.Items.Select(static item => item.Id));
        Assert.Equal([events[0].Id], second.Items.Select(static item => item.Id));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_replay_goes_to_the_endpoints_that_matched_are_there_and_have_it_not_pending()
    {
        using var history = await HistoryStore.Open();
        var gone = new EndpointId("gone");
        var goneEndpoint = HistoryStore.Chat with { Id = gone };
        var one = await history.AcceptOne(HistoryStore.Pager, HistoryStore.Chat, goneEndpoint);
        await history.Record(HistoryStore.Pager, Priority.High, 200);
        await history.Record(goneEndpoint, Priority.High, 200);

        var replayed = await history.Store.ReplayAsync(one.Id, endpoint: null, "r-1", id => id != gone, Cancellation);

        Assert.Equal(
            [
                new(new DeliveryId(one.Id, HistoryStore.Pager.Id), ReplayResult.Queued),
                new(new DeliveryId(one.Id, HistoryStore.Chat.Id), ReplayResult.AlreadyPending),
                new(new DeliveryId(one.Id, gone), ReplayResult.EndpointGone),
            ],
            replayed);
        var pending = await history.Store.ReadPendingAsync(HistoryStore.Pager.Id, Priority.Background, 0, new PageLimit(10, 100), Cancellation);
        Assert.Equal("r-1", Assert.Single(pending.Deliveries).ReplayId);
    }

    [Fact]
    public async Task A_page_looks_at_so_many_events_and_says_where_to_go_on()
    {
        using var history = await HistoryStore.Open();
        await history.Accept(1, [], source: "rare");
        await history.Accept(EventWalk.MaxRows, []);
        var rare = new HistoryQuery { Source = "rare" };

        var first = await history.Find(rare);
        var second = await history.Find(rare, first.Next!.Value);

        Assert.Empty(first.Items);
        Assert.Single(second.Items);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task A_search_looks_at_so_many_bytes_and_says_where_to_go_on()
    {
        using var history = await HistoryStore.Open();
        await history.Accept(1, [], source: "first");
        await history.Accept(10, [], payloadBytes: 1 << 20);
        var search = new HistoryQuery { Text = "{}" };

        var first = await history.Find(search);
        var second = await history.Find(search, first.Next!.Value);

        Assert.Empty(first.Items);
        Assert.Equal("first", Assert.Single(second.Items).Source);
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task What_has_an_index_is_found_at_once_however_far_back_it_lies()
    {
        using var history = await HistoryStore.Open();
        await history.Accept(1, [HistoryStore.Pager], correlationId: "dead");
        await history.Record(HistoryStore.Pager, Priority.High, 404);
        await history.Accept(1, [HistoryStore.Pager], correlationId: "pending");
        await history.Accept(EventWalk.MaxRows, []);

        Assert.Single((await history.Find(new HistoryQuery { CorrelationId = "dead" })).Items);
        Assert.Equal("dead", Assert.Single((await history.Find(new HistoryQuery { Status = EventStatus.DeadLetter })).Items).CorrelationId);
        Assert.Equal("pending", Assert.Single((await history.Find(new HistoryQuery { Status = EventStatus.Pending })).Items).CorrelationId);
    }

    [Fact]
    public async Task No_page_sorts_and_none_reads_a_table_from_its_start()
    {
        using var history = await HistoryStore.Open();
        HistoryQuery[] filters =
        [
            new(),
            new() { Source = "s", EventType = "t", Priority = Priority.Low, Since = HistoryService.Start, Until = HistoryService.Start, Text = "q" },
            new() { CorrelationId = "c", Source = "s", Status = EventStatus.Delivered },
            new() { Status = EventStatus.DeadLetter, Source = "s" },
            new() { Status = EventStatus.Pending },
        ];
        DeadLetterQuery[] deadFilters =
        [
            new(),
            new() { Endpoint = EndpointId.Default, Reason = "r", State = DeadLetterState.Resting, Source = "s", EventType = "t", Priority = Priority.Low },
        ];
        string[] queries =
        [
            .. filters.Select(static filter => EventWalk.Sql(filter, EventWalk.ConditionsOf(filter))),
            .. deadFilters.Select(static filter => DeadLetterWalk.Sql(DeadLetterWalk.ConditionsOf(filter))),
            DeadLetterWalk.FindSql,
            PendingReader.OldestSql,
        ];

        foreach (var query in queries)
        {
            var plan = Plan(history.DatabasePath, query);
            Assert.Contains(plan, static step => step.StartsWith("SEARCH", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, static step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, static step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.StartsWith("SCAN n", StringComparison.Ordinal));
        }
    }

    private static List<string> Plan(string path, string query)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
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
