using Middleware.Audit;
using Middleware.Events;
using Middleware.Replays;

namespace Middleware.Storage.Sql;

/// <summary>
/// Bulk replays in the store's file. Rows are looked for over a connection for reads. The writer's transaction queues the found ones, which it checks
/// again, and moves the cursor.
/// </summary>
internal sealed class SqlBulkReplays(SqlEventStore store) : IBulkReplayStore, IDisposable
{
    private const int MostRowsCounted = 100_000;

    private readonly ReadConnection _reads = new(store.OpenReader);
    private volatile bool _mayRun = true;

    public ReplayCount Count(ReplayOrder order, Func<EndpointId, bool> isReachable)
    {
        var last = _reads.Read(connection => ReplayWalk.LastRow(connection, order, store.NumberOf));
        var endpoints = Meant(order, isReachable);
        var (cursor, count) = (default(ReplayCursor), 0L);
        for (var rows = 0; rows < MostRowsCounted; rows += ReplayWalk.Stride)
        {
            var from = cursor;
            var (end, found) = _reads.Read(connection =>
            {
                var (rows, end) = ReplayWalk.NextStride(connection, order, from, last, store.NumberOf);
                return (end, ReplayWalk.Find(connection, order, rows, from, end, int.MaxValue, endpoints).Count);
            });
            count += found;
            cursor = new ReplayCursor(end + 1, 0);
            if (end >= last)
            {
                return new ReplayCount(count, IsLowerBound: false);
            }
        }

        return new ReplayCount(count, IsLowerBound: true);
    }

    public IReadOnlyList<string> UnknownOf(ReplayOrder order, int most) => _reads.Read(connection => SelectedRows.UnknownOf(connection, order, most));

    public async Task<BulkReplay?> AddAsync(ReplayOrder order, ReplayCount total, int mostRunning, Actor by)
    {
        var replay = await store.ChangeAsync(by, transaction =>
        {
            var added = ReplayWrites.Add(transaction, order, total, ReplayWalk.LastRow(transaction.Connection, order, store.NumberOf), mostRunning);
            return (added, added is null ? default(AuditedChange?) : new AuditedChange($"{NameOf(order)}.created", added.Id, After: new ReplayDocument(order, total).Write()));
        });
        _mayRun = true;
        return replay;
    }

    public BulkReplay? Find(string id) => _reads.Read(connection => ReplayRows.Find(connection, id))?.Replay;

    public IReadOnlyList<BulkReplay> Read(long before, int limit, bool erases = false) =>
        _reads.Read(connection => ReplayRows.Before(connection, before, limit, erases)).ConvertAll(static row => row.Replay);

    public IReadOnlyList<BulkReplay> ReadRunning()
    {
        if (!_mayRun && store.Streams == 1)
        {
            return [];
        }

        // Noted before it is read: a replay that is added meanwhile is seen now or the next time.
        _mayRun = false;
        var isNone = false;
        try
        {
            var running = _reads.Read(ReplayRows.Running).ConvertAll(static row => row.Replay);
            isNone = running.Count == 0;
            return running;
        }
        finally
        {
            // A read that failed is made again. It never writes false: that would hide a replay that was added meanwhile.
            if (!isNone)
            {
                _mayRun = true;
            }
        }
    }

    public async Task<int> QueueNextAsync(BulkReplay replay, int limit, Func<EndpointId, bool> isReachable)
    {
        var endpoints = Meant(replay.Order, isReachable);
        var step = _reads.Read<(ReplayRow From, List<ReplayCandidate> Found, ReplayCursor To)?>(connection =>
        {
            if (ReplayRows.Find(connection, replay.Id) is not { Replay: { State: ReplayState.Running, IsQueued: false } } from)
            {
                return null;
            }

            var (rows, end) = ReplayWalk.NextStride(connection, replay.Order, from.Cursor, from.Last, store.NumberOf);
            var found = ReplayWalk.Find(connection, replay.Order, rows, from.Cursor, end, limit, endpoints);
            return (from, found, found.Count == limit ? After(replay.Order.Of, found[^1]) : new ReplayCursor(end + 1, 0));
        });

        if (step is not var (row, candidates, next))
        {
            return 0;
        }

        var queued = await store.ChangeAsync(transaction => ReplayWrites.Queue(transaction, row, candidates, next, store.Keys));
        if (replay.Order.Erases && queued > 0)
        {
            store.RemoveCopies();
        }

        return queued;
    }

    public Task<BulkReplay?> CompleteAsync(string id) =>
        store.ChangeAsync(transaction => ReplayWrites.End(transaction, id, ReplayState.Completed));

    public Task<BulkReplay?> CancelAsync(string id, Actor by) => store.ReplaysUnderWay.CancelAsync(
        () => store.ChangeAsync(by, transaction =>
        {
            var isRunning = ReplayRows.Find(transaction.Connection, id) is { Replay.State: ReplayState.Running };
            var ended = ReplayWrites.End(transaction, id, ReplayState.Cancelled);
            return (ended, isRunning ? new AuditedChange($"{NameOf(ended!.Order)}.cancelled", id) : default(AuditedChange?));
        }));

    public void Dispose() => _reads.Dispose();

    private static string NameOf(ReplayOrder order) => order.Erases ? "erasure" : order.Action == ReplayAction.Discard ? "discard" : "replay";

    private static ReplayCursor After(ReplaySubject subject, ReplayCandidate last) => subject == ReplaySubject.DeadLetters
        ? new ReplayCursor(last.Row + 1, 0)
        : new ReplayCursor(last.Row, last.Endpoint);

    /// <summary>
    /// The endpoints that an order may reach. Its target may be one that the store has not seen: it counts as 0. An erasure reaches none, so that each
    /// event counts once. A discard sends nothing: endpoints that are gone are among its own.
    /// </summary>
    private MeantEndpoints Meant(ReplayOrder order, Func<EndpointId, bool> isReachable)
    {
        return order.Erases ? new MeantEndpoints(1, null)
            : order.EndpointId is { } target
            ? new MeantEndpoints(IsMeant(target) ? store.NumberOf(target) ?? 0 : null, null, order.Filter.EndpointId is { } had ? store.NumberOf(had) ?? 0 : null)
            : new MeantEndpoints(
                null, number => store.IdOf(number) is { } id && (order.Filter.EndpointId is not { } only || id == only) && IsMeant(id));

        bool IsMeant(EndpointId id) => order.Action == ReplayAction.Discard || isReachable(id);
    }
}
