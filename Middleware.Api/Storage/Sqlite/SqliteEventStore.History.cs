using Microsoft.Data.Sqlite;
using Middleware.DeadLetters;
using Middleware.Events;
using Middleware.History;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <content>Reads of the history, and changes by operators of single events.</content>
internal sealed partial class SqliteEventStore : IEventHistory, IDeadLetterStore
{
    public Task<HistoryPage<EventSummary>> FindEventsAsync(HistoryQuery filter, PageRequest page, CancellationToken cancellationToken) =>
        LookAsync(connection => EventWalk.Find(connection, filter, page), cancellationToken);

    public Task<EventTimeline?> FindEventAsync(Guid id, CancellationToken cancellationToken) =>
        LookAsync(connection => Timeline.Find(connection, id), cancellationToken);

    public Task<HistoryPage<DeadLetter>> FindDeadLettersAsync(DeadLetterQuery filter, PageRequest page, CancellationToken cancellationToken) =>
        LookAsync(connection => DeadLetterWalk.Find(connection, filter, page), cancellationToken);

    public Task<DeadLetterTimeline?> FindDeadLetterAsync(DeliveryId id, CancellationToken cancellationToken) =>
        LookAsync(connection => Timeline.FindDeadLetter(connection, id), cancellationToken);

    public Task<IReadOnlyList<ReplayedDelivery>?> ReplayAsync(
        Guid id, EndpointId? endpoint, string replayId, Func<EndpointId, bool> isRegistered, CancellationToken cancellationToken) =>
        ChangeAsync(transaction => HistoryChanges.Replay(transaction, id, endpoint, replayId, isRegistered));

    public Task<DeadLetterChange> ReplayAsync(DeliveryId id, string replayId, CancellationToken cancellationToken) =>
        ChangeAsync(transaction => HistoryChanges.ReplayDeadLetter(transaction, id, replayId));

    public Task<DeadLetterChange> DiscardAsync(DeliveryId id, string by, CancellationToken cancellationToken) =>
        ChangeAsync(transaction => HistoryChanges.Discard(transaction, id, by));

    private async Task<T> LookAsync<T>(Func<sqlite3, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await Opened(_history).ReadAsync(read, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException($"The store cannot be read at the moment: {exception.Message}", exception);
        }
    }
}
