using Middleware.Delivering;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Storage.Sql;

/// <summary>
/// Reads for the lanes. However many lanes read, one thread of the pool waits for the database. A row that cannot be read must not stop its lane, nor vanish: it
/// becomes a dead letter.
/// </summary>
internal sealed partial class LaneReads(SqlEventStore store, PendingReader pending, HeldReader held, MiddlewareMetrics metrics, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    public Task<PendingPage> ReadAsync(EndpointRow row, LaneId lane, Priority priority, SequenceMarks after, PageLimit limit, CancellationToken cancellationToken) =>
        OneAtATimeAsync(() => Read(row, lane, priority, after, limit), cancellationToken);

    /// <summary>Reads the batches that were under way when the last owner of the lane ended.</summary>
    public async Task<IReadOnlyList<Shipment>> ReadBatchesAsync(EndpointRow row, LaneId lane)
    {
        var kept = await OneAtATimeAsync<List<Shipment>>(
            () => [.. pending.ReadBatches(row).Select(batch => ReadBatch(row, batch)).OfType<Shipment>().Where(batch => lane.Has(batch.First))], CancellationToken.None);
        foreach (var torn in kept.Where(batch => !batch.Deliveries.All(lane.Has)))
        {
            // Another number of shards came between. Two lanes must not send parts of one batch under its id.
            await store.ChangeAsync(transaction =>
            {
                transaction.Statements.DeleteBatch(row.Number, torn.BatchId!.Value);
                return true;
            });
        }

        return [.. kept.Where(batch => batch.Deliveries.All(lane.Has)).Select(batch => batch with { Deliveries = [.. batch.Deliveries.Select(lane.Place)] })];
    }

    /// <inheritdoc cref="PendingReader.Owed"/>
    public Task<IReadOnlyList<Delivery>> OwedAsync(EndpointRow row, IReadOnlyList<Delivery> deliveries) =>
        OneAtATimeAsync(() => pending.Owed(row, deliveries, held.IsHeld), CancellationToken.None);

    public Task<HeldPage> ReadHeldAsync(EndpointRow row, LaneId lane, DateTimeOffset through, Func<long, bool> isAtHand) =>
        OneAtATimeAsync(() => ReadHeld(row, lane, through, isAtHand), CancellationToken.None);

    /// <inheritdoc cref="HeldReader.ReadKeys"/>
    public Task<HeldKeysPage> ReadHeldKeysAsync(EndpointRow row, LaneId lane, int most) => OneAtATimeAsync(() => held.ReadKeys(row, lane, most), CancellationToken.None);

    /// <summary>Closes the connections. A lane that has stopped may still read, which fails then.</summary>
    public void Dispose()
    {
        pending.Dispose();
        held.Dispose();
        _one.Dispose();
    }

    private async Task<T> OneAtATimeAsync<T>(Func<T> read, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(read, CancellationToken.None);
        }
        finally
        {
            _one.Release();
        }
    }

    private PendingPage Read(EndpointRow row, LaneId lane, Priority priority, SequenceMarks after, PageLimit limit)
    {
        var unreadable = new List<UnreadableRow>();
        var page = pending.Read(row, lane, priority, after, limit, unreadable);
        GiveUp(row, priority, unreadable);
        return page;
    }

    private HeldPage ReadHeld(EndpointRow row, LaneId lane, DateTimeOffset through, Func<long, bool> isAtHand)
    {
        var unreadable = new List<(Priority Priority, UnreadableRow Row)>();
        var page = held.Read(row, lane, through, isAtHand, unreadable);
        foreach (var of in unreadable.GroupBy(static found => found.Priority, static found => found.Row))
        {
            GiveUp(row, of.Key, [.. of]);
        }

        return page;
    }

    private void GiveUp(EndpointRow row, Priority priority, List<UnreadableRow> unreadable)
    {
        foreach (var found in unreadable)
        {
            Unreadable(found.CorrelationId, found.EventId, row.Id.Value, found.EventSequence, found.Fault);
        }

        if (unreadable.Count > 0)
        {
            _ = GiveUpAsync(row, priority, unreadable);
        }
    }

    private async Task GiveUpAsync(EndpointRow row, Priority priority, List<UnreadableRow> unreadable)
    {
        try
        {
            var ended = await store.ChangeAsync(transaction => DeadLetterRows.AddUnreadable(transaction, row, priority, unreadable));
            metrics.GivenUp(row.Id, FailureReason.Unreadable, ended);
        }
        catch (StoreUnavailableException exception)
        {
            // They stay pending, and are read again after the next start.
            UnreadableStays(exception.Message, row.Id.Value, unreadable.Count);
        }
    }

    private Shipment? ReadBatch(EndpointRow row, KeptBatch kept)
    {
        var only = new PageLimit(1, long.MaxValue);
        var deliveries = kept.Deliveries
            .SelectMany(entry => Read(row, LaneId.Whole(row.Id), entry.Priority, entry.Sequence - 1, only).Deliveries.Where(found => found.Sequence == entry.Sequence))
            .ToList();
        return deliveries.Count == 0 ? null : new Shipment { BatchId = kept.Id, Deliveries = deliveries };
    }

    [LoggerMessage(LogLevel.Error, "stored event cannot be read: its delivery is a dead letter")]
    private partial void Unreadable(string? correlationId, string? eventId, string endpoint, long eventSequence, string error);

    [LoggerMessage(LogLevel.Warning, "deliveries that cannot be read could not be made dead letters")]
    private partial void UnreadableStays(string error, string endpoint, int deliveries);
}
