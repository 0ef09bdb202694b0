using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Transactions of two replicas that each decide by what the other is about to change.</summary>
public sealed class CrossingReplicas : IAsyncLifetime
{
    private PostgresDatabase _database = null!;
    private DurableStore _one = null!;
    private DurableStore _other = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        _one = await new DurableStore { Database = _database }.Open("one", "two", "instead");

        // Each endpoint has a row already: to insert one waits for another that does.
        await _one.Accept(1);
        foreach (var endpoint in (string[])["one", "two", "instead"])
        {
            await _one.Answer(200, endpoint);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _other.Dispose();
        _one.Dispose();
        await _database.DisposeAsync();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_that_is_replayed_is_not_purged()
    {
        var id = Assert.Single(await _one.Accept(1, endpoints: "one")).Id;
        await _one.Answer(200, "one");
        await OpenOtherAsync();
        _other.Clock.Advance(_other.Retention.Events + TimeSpan.FromDays(1));

        await CrossAsync(
            transaction => HistoryChanges.Replay(transaction, id, only: null, "by hand", static _ => true),
            () => _other.Purge.ExecuteAsync(Waiting.Cancellation));

        Assert.Equal(id, Assert.Single(await _one.Pending("one")).Event.Id);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task An_event_that_two_endpoints_hand_over_at_once_is_delivered_once()
    {
        await _one.Accept(1, endpoints: ["one", "two"]);
        await OpenOtherAsync();
        var handedOver = DeliveryOutcome.DeadLetter() with { HandedTo = new EndpointId("instead") };
        var (first, second) = (Assert.Single(await _one.Pending("one", Priority.Low)), Assert.Single(await _other.Pending("two", Priority.Low)));
        using var held = await HeldWriter.OfAsync(_one.Events);

        // The outcome and the change are of one transaction.
        await _one.Events.RecordAsync(Shipment.Of(first), Made.Attempt(410, FailureReason.FromStatus(410)), [handedOver], Waiting.Cancellation);
        var crossing = CrossAsync(static _ => true, async () =>
        {
            await _other.Events.RecordAsync(Shipment.Of(second), Made.Attempt(410, FailureReason.FromStatus(410)), [handedOver], Waiting.Cancellation);
            await _other.Count("SELECT 1");
        });
        held.GoOn();

        await held.EndAsync();
        await crossing;
        Assert.Single(await _one.Pending("instead"));
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_audit_log_is_locked_before_keys_in_order_and_these_before_old_events()
    {
        await _one.Accept(1, endpoints: "one");
        await OpenOtherAsync();
        var failed = Assert.Single(await _one.Pending("one", Priority.Low)) with { Key = 1 };
        using var held = await HeldWriter.OfAsync(_one.Events);

        // The outcome and the changes are of one transaction.
        await _one.Events.RecordAsync(Shipment.Of(failed), Made.Failed(), [DeliveryOutcome.Held(1, TestClock.Noon)], Waiting.Cancellation);
        var audited = _one.Events.ChangeAsync(isAudited: true, static _ => true);
        var mayLockKeys = await _other.Events.ChangeAsync(isAudited: true, transaction =>
        {
            held.GoOn();
            SpinWait.SpinUntil(_database.IsAnyoneWaiting, Waiting.TestLimit);
            return MayLockKeys(transaction);
        }).InTime();

        await held.EndAsync();
        Assert.True(mayLockKeys && await audited.InTime());
        Assert.False(await _one.Events.ChangeAsync(transaction =>
        {
            transaction.LockOldEvents();
            return _other.Events.ChangeAsync(MayLockKeys).GetAwaiter().GetResult();
        }).InTime());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_lane_that_fails_at_the_notice_of_a_commit_keeps_no_lane_from_this_one_and_the_next()
    {
        await OpenOtherAsync();
        _other.Sink.Failures = 1;

        await _one.Accept(1, endpoints: ["one", "two"]);
        await Waiting.Until(() => Notified("one") && Notified("two"));
        var before = _other.Sink.HasQueued.Count;
        await _one.Accept(1, endpoints: "one");

        await Waiting.Until(() => _other.Sink.HasQueued.Count > before);
        Assert.True(_other.Sink.Failures < 0);

        bool Notified(string endpoint) => _other.Sink.HasQueued.Any(queued => queued.Endpoint == new EndpointId(endpoint) && queued.Priority == Priority.Low);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task A_replica_that_counts_what_another_committed_commits_nothing_itself()
    {
        const string OfOther = "SELECT COUNT(*) FROM commits WHERE stream NOT IN (SELECT stream FROM commits WHERE cardinality(lanes) > 0)";
        await OpenOtherAsync();
        await _other.Count("SELECT 1");
        var before = await _database.ScalarAsync<long>(OfOther);

        await _one.Accept(1, endpoints: "one");
        await Waiting.Until(() => _other.Events.Waiting(new EndpointId("one")) == 1);
        await _other.Count("SELECT 1");

        Assert.Equal(before + 1, await _database.ScalarAsync<long>(OfOther));
    }

    private static bool MayLockKeys(WriteTransaction transaction)
    {
        using var take = transaction.Connection.Prepare("SELECT CASE WHEN pg_try_advisory_xact_lock(hashtext('aspire-integration.order')) THEN 1 ELSE 0 END");
        return take.Scalar() == 1;
    }

    private async Task OpenOtherAsync() => _other = await new DurableStore { Database = _database }.Open("one", "two", "instead");

    /// <summary>Makes a change by one replica, which commits when the other one has done something or waits for a lock.</summary>
    private async Task CrossAsync<T>(Func<WriteTransaction, T> change, Func<Task> meanwhile)
    {
        Task? crossing = null;
        await _one.Events.ChangeAsync(transaction =>
        {
            var changed = change(transaction);
            crossing = Task.Run(meanwhile);
            while (!crossing.IsCompleted && !_database.IsAnyoneWaiting())
            {
                Waiting.Cancellation.ThrowIfCancellationRequested();
            }

            return changed;
        }).InTime();
        await crossing!.InTime();
    }
}
