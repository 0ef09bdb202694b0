using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>
/// An attempt to be recorded, or an end without one, without a caller that waits. Thousands may be held, so it does not hold the events.
/// </summary>
internal sealed class OutcomeItem(Attempt? attempt, (Guid? Id, Guid? HalfOf) batch, (TriedDelivery Delivery, byte[]? SealedResponse, DeliveryOutcome Outcome)[] deliveries)
{
    private TaskCompletionSource? _committed;

    /// <summary>The rows of attempts that it writes, at least 1.</summary>
    public int Count => Math.Max(1, deliveries.Length);

    /// <summary>An item without an attempt, and the task that completes when it and all items before it are committed.</summary>
    public static (OutcomeItem Item, Task Committed) Mark()
    {
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (new OutcomeItem(attempt: null, default, []) { _committed = committed }, committed.Task);
    }

    /// <summary>Called when it is committed.</summary>
    public void Commit() => _committed?.TrySetResult();

    public TriedDelivery First => deliveries[0].Delivery;

    public IEnumerable<(TriedDelivery Delivery, DeliveryOutcome Outcome)> All => deliveries.Select(static one => (one.Delivery, one.Outcome));

    /// <summary>Encrypts the response, on the thread of the worker, where there are keys for it.</summary>
    public static OutcomeItem Of(Shipment shipment, Attempt? attempt, IReadOnlyList<DeliveryOutcome> outcomes, DataKeys? keys)
    {
        var deliveries = new (TriedDelivery, byte[]?, DeliveryOutcome)[outcomes.Count];
        var isSealed = keys is { SealsPayloads: true } && attempt is { Response.IsEmpty: false };
        (int Number, byte[]? Bytes) response = default;
        for (var index = 0; index < deliveries.Length; index++)
        {
            var delivery = TriedDelivery.Of(shipment.Deliveries[index]);
            if (isSealed && response.Number != delivery.Number)
            {
                // The deliveries of a batch share it, as they share the attempt.
                var row = SealedRow.Response(delivery.EventId, attempt!.BatchId, delivery.EndpointId.Value, delivery.Number);
                response = (delivery.Number, keys!.Seal(row, attempt.Response.Span));
            }

            deliveries[index] = (delivery, response.Bytes, outcomes[index]);
        }

        return new OutcomeItem(attempt, (shipment.BatchId, shipment.HalfOf), deliveries);
    }

    public void Write(WriteTransaction transaction)
    {
        var isOver = true;
        foreach (var (delivery, sealedResponse, outcome) in deliveries)
        {
            transaction.Record(delivery, attempt, sealedResponse, outcome);
            isOver &= outcome.Kind != OutcomeKind.Pending;
        }

        if (batch.Id is { } ended && isOver)
        {
            var endpoint = transaction.EndpointNumber(First.EndpointId);
            transaction.Statements.DeleteBatch(endpoint, ended);
            if (attempt is null && batch.HalfOf is { } whole)
            {
                // It was not kept in the place of that one.
                transaction.Statements.DeleteBatch(endpoint, whole);
            }
        }
    }
}

/// <summary>The parts of a delivery that the record of an attempt needs.</summary>
internal readonly record struct TriedDelivery(
    EndpointId EndpointId, Priority Priority, long Sequence, long EventSequence, string? ReplayId, int Number, string CorrelationId, Guid EventId)
{
    public static TriedDelivery Of(Delivery delivery) => new(
        delivery.EndpointId,
        delivery.Priority,
        delivery.Sequence,
        delivery.EventSequence,
        delivery.ReplayId,
        delivery.AttemptsBefore + 1,
        delivery.Event.CorrelationId,
        delivery.Event.Id);
}

/// <summary>A change that is made in the writer's transaction; its caller waits on the task.</summary>
internal abstract class ChangeItem
{
    /// <summary>True for a change that may append to the audit log.</summary>
    public bool IsAudited { get; init; }

    public abstract void Write(WriteTransaction transaction);

    public abstract void Committed();

    public abstract void Failed(Exception exception);
}

/// <summary>A change with a result.</summary>
internal sealed class ChangeItem<T>(Func<WriteTransaction, T> write) : ChangeItem
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _done.Task;

    public override void Write(WriteTransaction transaction) => _result = write(transaction);

    public override void Committed() => _done.SetResult(_result!);

    public override void Failed(Exception exception) => _done.SetException(exception);
}

/// <summary>The items of one transaction.</summary>
internal sealed class WriteGroup
{
    public List<AcceptItem> Accepts { get; } = [];

    public List<OutcomeItem> Outcomes { get; } = [];

    public List<ChangeItem> Changes { get; } = [];

    public bool IsEmpty => Accepts.Count + Outcomes.Count + Changes.Count == 0;

    public void Clear()
    {
        Accepts.Clear();
        Outcomes.Clear();
        Changes.Clear();
    }
}
