using Middleware.Domain;

namespace Middleware.Storage.Sqlite;

/// <summary>An outcome that is to be recorded; nobody waits for it. Thousands may be held, so it does not hold the event.</summary>
internal abstract class OutcomeItem
{
    /// <summary>How many deliveries end by it.</summary>
    public abstract int Count { get; }

    /// <summary>The first of them.</summary>
    public abstract EndedDelivery Delivery { get; }

    public abstract void Write(WriteTransaction transaction);
}

/// <summary>What one delivery came to.</summary>
internal sealed class DeliveryEnd(EndedDelivery delivery, DeliveryOutcome outcome) : OutcomeItem
{
    public override int Count => 1;

    public override EndedDelivery Delivery => delivery;

    public override void Write(WriteTransaction transaction) => transaction.End(delivery, outcome);
}

/// <summary>What the deliveries of a batch came to, which is no batch any more.</summary>
internal sealed class BatchEnd(Guid id, IReadOnlyList<(EndedDelivery Delivery, DeliveryOutcome Outcome)> deliveries) : OutcomeItem
{
    public override int Count => deliveries.Count;

    public override EndedDelivery Delivery => deliveries[0].Delivery;

    public override void Write(WriteTransaction transaction)
    {
        foreach (var (delivery, outcome) in deliveries)
        {
            transaction.End(delivery, outcome);
        }

        transaction.Statements.DeleteBatch(transaction.EndpointNumber(Delivery.EndpointId), id);
    }
}

/// <summary>What the record of a delivery needs of it.</summary>
internal readonly record struct EndedDelivery(
    EndpointId EndpointId, Priority Priority, long Sequence, long EventSequence, string? ReplayId, string CorrelationId, Guid EventId)
{
    public static EndedDelivery Of(Delivery delivery) => new(
        delivery.EndpointId, delivery.Priority, delivery.Sequence, delivery.EventSequence, delivery.ReplayId, delivery.Event.CorrelationId, delivery.Event.Id);
}

/// <summary>A change that is made in the writer's transaction; who asked for it waits on the task.</summary>
internal abstract class ChangeItem
{
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

/// <summary>What one transaction writes.</summary>
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
