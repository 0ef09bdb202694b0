using Middleware.Audit;
using Middleware.DeadLetters;
using Middleware.Erasing;
using Middleware.Events;
using Middleware.History;

namespace Middleware.Storage.Sql;

/// <summary>The kept events and dead letters of the SQLite file: reading them beside the lanes, and changing them.</summary>
internal sealed class SqlHistory(SqlEventStore store) : IEventHistory, IDeadLetterStore, IErasureStore, IDisposable
{
    private readonly HistoryReader _reads = new(store.OpenReader);

    public Task<HistoryPage<EventSummary>> FindEventsAsync(HistoryQuery filter, PageRequest page, CancellationToken cancellationToken) =>
        _reads.ReadAsync(connection => EventWalk.Find(connection, filter, page, store.Keys), cancellationToken);

    public async Task<EventCount> CountEventsAsync(HistoryQuery filter, CancellationToken cancellationToken)
    {
        // Each walk is a page of a list: others read between them.
        var (total, before) = (0, long.MaxValue);
        for (var walks = 0; walks < EventWalk.MostWalks; walks++)
        {
            var page = new PageRequest(before, EventCount.Most - total);
            var (found, next) = await _reads.ReadAsync(connection => EventWalk.Count(connection, filter, page, store.Keys), cancellationToken);
            total += found;
            if (next is not { } place || total == EventCount.Most)
            {
                return new EventCount(total, next is not null);
            }

            before = place;
        }

        return new EventCount(total, TotalIsLowerBound: true);
    }

    public Task<EventTimeline?> FindEventAsync(Guid id, CancellationToken cancellationToken) =>
        _reads.ReadAsync(connection => Timeline.Find(connection, id, store.Keys), cancellationToken);

    public Task<HistoryPage<DeadLetter>> FindDeadLettersAsync(DeadLetterQuery filter, PageRequest page, CancellationToken cancellationToken) =>
        _reads.ReadAsync(connection => DeadLetterWalk.Find(connection, filter, page), cancellationToken);

    public Task<DeadLetterCounts> CountDeadLettersAsync(DeadLetterQuery filter, CancellationToken cancellationToken) =>
        _reads.ReadAsync(connection => DeadLetterWalk.Count(connection, filter), cancellationToken);

    public Task<DeadLetterTimeline?> FindDeadLetterAsync(DeliveryId id, CancellationToken cancellationToken) =>
        _reads.ReadAsync(connection => Timeline.FindDeadLetter(connection, id, store.Keys), cancellationToken);

    public Task<IReadOnlyList<ReplayedDelivery>?> ReplayAsync(
        Guid id, ReplayTarget? only, string replayId, Func<EndpointId, bool> isRegistered, Actor by, CancellationToken cancellationToken) =>
        store.ChangeAsync(by, transaction =>
        {
            var replayed = HistoryChanges.Replay(transaction, id, only, replayId, isRegistered);
            return (replayed, replayed?.Any(static delivery => delivery.Result == ReplayResult.Queued) == true ? new AuditedChange("event.replayed", id.ToString("n")) : default(AuditedChange?));
        });

    public Task<DeadLetterChange> ReplayAsync(DeliveryId id, string replayId, Actor by, CancellationToken cancellationToken) =>
        store.ChangeAsync(by, transaction => Audited(HistoryChanges.ReplayDeadLetter(transaction, id, replayId), "dead_letter.replayed", id));

    public Task<DeadLetterChange> DiscardAsync(DeliveryId id, Actor by, CancellationToken cancellationToken) =>
        store.ChangeAsync(by, transaction => Audited(HistoryChanges.Discard(transaction, id, by.ToString()), "dead_letter.discarded", id));

    public async Task<ErasedEvent?> EraseAsync(Guid id, Actor by)
    {
        var erased = await store.ChangeAsync(by, transaction =>
        {
            var done = ErasureWrites.Erase(transaction, id, store.Keys);
            return (done, done is { IsNew: true } ? new AuditedChange("event.erased", id.ToString("n")) : default(AuditedChange?));
        });
        store.RemoveCopies();
        return erased;
    }

    /// <inheritdoc cref="HistoryReader.ReadAsync"/>
    public Task<T> ReadAsync<T>(Func<ISqlConnection, T> read, CancellationToken cancellationToken) => _reads.ReadAsync(read, cancellationToken);

    public void Dispose() => _reads.Dispose();

    private static (DeadLetterChange Result, AuditedChange? Change) Audited(DeadLetterChange change, string action, DeliveryId id) =>
        (change, change.IsDone ? new AuditedChange(action, id.ToString()) : null);
}
