using Middleware.Events;
using Middleware.Replays;
using Middleware.Storage.Sql;
using Middleware.Storage.Sqlite;
using Tests.Middleware.Replays;

namespace Tests.Middleware.Storage.Sqlite;

/// <summary>The orders of bulk replays in the store's file. In schema 5 each part of an order had a column of its own.</summary>
[Trait("Store", "Any")]
public sealed class KeepingReplays : InAFolder
{
    [Fact]
    [Trait("Store", "Sqlite")]
    public async Task An_order_is_the_same_after_the_migration_as_before()
    {
        var since = new DateTimeOffset(1969, 12, 31, 23, 59, 58, 250, TimeSpan.Zero).AddMicroseconds(1);
        var until = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        Before(
            $"""
            INSERT INTO replays (id, state, subject, target, rate, source, event_type, priority, correlation_id, endpoint, reason, since, until,
                total, is_lower_bound, last, at, at_endpoint, queued, skipped, created_at, ended_at)
            VALUES ('whole', 2, 0, 'pager', 5, 's "quoted"', 't', 3, 'c', 'pager', 'http_503', {StoredTime.From(since)}, {StoredTime.From(until)}, 7, 1, 9, 4, 2, 3, 1, 1000, 2000),
                ('bare', 0, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 1000, NULL)
            """);

        using var store = Made.Store(new TestClock(), Folder.Path);
        await store.OpenAsync(new RecordingSink(), Waiting.Cancellation);
        using var replays = new SqlBulkReplays(store);

        var pager = new EndpointId("pager");
        Assert.Equal(
            new BulkReplay
            {
                Id = "whole",
                Number = 1,
                State = ReplayState.Cancelled,
                Order = new ReplayOrder
                {
                    Of = ReplaySubject.DeadLetters,
                    EndpointId = pager,
                    RatePerSecond = 5,
                    Filter = new ReplaySelection
                    {
                        Source = "s \"quoted\"",
                        EventType = "t",
                        Priority = Priority.Critical,
                        CorrelationId = "c",
                        EndpointId = pager,
                        Reason = "http_503",
                        Since = since,
                        Until = until,
                    },
                },
                Total = new ReplayCount(7, IsLowerBound: true),
                Queued = 3,
                Skipped = 1,
                Waiting = 0,
                IsQueued = false,
                CreatedAt = StoredTime.To(1000),
                EndedAt = StoredTime.To(2000),
            },
            replays.Find("whole"));
        Assert.Equal(new ReplayOrder { Of = ReplaySubject.Events, Filter = new ReplaySelection() }, replays.Find("bare")!.Order);
        Assert.Equal(["bare"], replays.ReadRunning().Select(static replay => replay.Id));
    }

    [Theory]
    [InlineData("-")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"order":null,"total":{"deliveries":1,"is_lower_bound":false}}""")]
    [InlineData("""{"order":{"of":"others","filter":{}},"total":{"deliveries":1,"is_lower_bound":false}}""")]
    public async Task A_replay_whose_order_cannot_be_read_queues_nothing_and_holds_up_no_other(string document)
    {
        using var store = await new DurableStore().Open("default");
        var damaged = await store.Start(Asked.AllDeadLetters);
        StoreSql.Execute(store.DatabasePath, "UPDATE replays SET doc = @doc", ("@doc", document));
        await store.Fail(2);
        var other = await store.Start(Asked.AllDeadLetters);

        await store.RunAll();

        Assert.Equal(("Completed", 0L, 0), store.Progress(damaged));
        Assert.Equal(2, store.Replays.Find(other.Id)!.Queued);
        Assert.Equal([other.Id, damaged.Id], store.Replays.Read(long.MaxValue, 10).Select(static replay => replay.Id));
    }

    private void Before(string rows)
    {
        using (var connection = StoreSql.OpenFile(StoreFile.PathIn(Folder.Path)))
        {
            SchemaMigration.Run(connection, [.. SchemaMigration.Scripts.Take(5)]);
        }

        StoreSql.Execute(StoreFile.PathIn(Folder.Path), rows);
    }
}
