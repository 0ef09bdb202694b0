using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.AtRest;

namespace Middleware.Storage.Sql;

/// <summary>A change by a worker, in the order in which the workers made them.</summary>
internal abstract class OutcomeItem
{
    /// <summary>The rows that it writes, at least 1.</summary>
    public abstract int Count { get; }

    /// <summary>Those of attempts, which are made again when it is lost.</summary>
    public virtual int Attempts => Count;

    public abstract TriedDelivery First { get; }

    /// <summary>The deliveries whose outcomes it records.</summary>
    public virtual IEnumerable<(TriedDelivery Delivery, DeliveryOutcome Outcome)> All => [];

    /// <summary>True when it changes the order by key.</summary>
    public abstract bool ChangesKeys { get; }

    public abstract void Write(WriteTransaction transaction);

    /// <summary>Called when it is committed.</summary>
    public virtual void Commit()
    {
    }

    /// <summary>Notes that it cannot be written.</summary>
    public virtual void Failed(Exception exception)
    {
    }
}

/// <summary>A question for the keys of deliveries, which moves those whose keys wait. Its caller waits on the task.</summary>
internal sealed class HoldItem(IReadOnlyList<TriedDelivery> deliveries) : OutcomeItem
{
    private readonly TaskCompletionSource<IReadOnlySet<long>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override int Count => deliveries.Count;

    public override int Attempts => 0;

    public override TriedDelivery First => deliveries[0];

    public override bool ChangesKeys => true;

    public IReadOnlyList<TriedDelivery> Deliveries => deliveries;

    /// <summary>The keys that wait for nothing, once it is written.</summary>
    public HashSet<long> Free { get; } = [];

    public Task<IReadOnlySet<long>> Task => _done.Task;

    public override void Write(WriteTransaction transaction)
    {
        Free.Clear();
        var row = transaction.RowOf(First.EndpointId);
        transaction.Keys.Hold(row, this, transaction.MayHold(First));
    }

    /// <summary>Lets the caller go on, when it is committed.</summary>
    public void Answer() => _done.TrySetResult(Free);

    public override void Failed(Exception exception) => _done.TrySetException(exception);
}

/// <summary>
/// An attempt to be recorded, or an end without one, without a caller that waits. Thousands may be held, so it does not hold the events.
/// </summary>
internal sealed class AttemptItem(
    Attempt? attempt, (Guid? Id, Guid? HalfOf) batch, (TriedDelivery Delivery, byte[]? SealedResponse, DeliveryOutcome Outcome)[] deliveries) : OutcomeItem
{
    private TaskCompletionSource? _committed;

    public override int Count => Math.Max(1, deliveries.Length);

    public override TriedDelivery First => deliveries[0].Delivery;

    /// <summary>An item without an attempt, and the task that completes when it and all items before it are committed.</summary>
    public static (OutcomeItem Item, Task Committed) Mark()
    {
        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (new AttemptItem(attempt: null, default, []) { _committed = committed }, committed.Task);
    }

    public override void Commit() => _committed?.TrySetResult();

    public override IEnumerable<(TriedDelivery Delivery, DeliveryOutcome Outcome)> All => deliveries.Select(static one => (one.Delivery, one.Outcome));

    public override bool ChangesKeys =>
        deliveries.Any(static one => one.Delivery.Key is not null && (one.Delivery.IsHeld || one.Outcome.Kind is OutcomeKind.Held or OutcomeKind.DeadLetter));

    /// <summary>Encrypts the response, on the thread of the worker, where there are keys for it.</summary>
    public static AttemptItem Of(Shipment shipment, Attempt? attempt, IReadOnlyList<DeliveryOutcome> outcomes, DataKeys? keys)
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

        return new AttemptItem(attempt, (shipment.BatchId, shipment.HalfOf), deliveries);
    }

    public override void Write(WriteTransaction transaction)
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
    EndpointId EndpointId, Priority Priority, long Sequence, long EventSequence, string? ReplayId, int Number, string CorrelationId, Guid EventId, long? Key, bool IsHeld, int? Shard)
{
    public static TriedDelivery Of(Delivery delivery) => new(
        delivery.EndpointId,
        delivery.Priority,
        delivery.Sequence,
        delivery.EventSequence,
        delivery.ReplayId,
        delivery.AttemptsBefore + 1,
        delivery.Event.CorrelationId,
        delivery.Event.Id,
        delivery.Key,
        delivery.IsHeld,
        delivery.Shard);
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
