using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The deliveries to one endpoint that travel in one request: a single one, or a batch.</summary>
internal sealed record Shipment
{
    /// <summary>Bytes of payload from which on a batch that is cut off may be too large for its receiver.</summary>
    public const int LargeBytes = 256 << 10;

    /// <summary>At least one, in the order in which the lane gave them.</summary>
    public required IReadOnlyList<Delivery> Deliveries { get; init; }

    /// <summary>
    /// The id of a batch: the request's <c>webhook-id</c> on each attempt. It is stored with the members before the first attempt, so that the same
    /// batch is sent again after a crash. Null for a delivery of its own.
    /// </summary>
    public Guid? BatchId { get; init; }

    /// <summary>The batch of which this is a half, which it replaces in the store; null for none.</summary>
    public Guid? HalfOf { get; init; }

    public Delivery First => Deliveries[0];

    public EndpointId EndpointId => First.EndpointId;

    /// <summary>The id by which receivers know the request: that of the batch, or of the event.</summary>
    public string IdText => BatchId?.ToString("n") ?? First.Event.IdText;

    /// <summary>The number of its next attempt, from 1: <c>X-Delivery-Attempt</c>.</summary>
    public int NextNumber => Most(static delivery => delivery.AttemptsBefore) + 1;

    /// <summary>False for a batch, a repeated delivery and a replay: they go alone.</summary>
    public bool MayJoinBatch => BatchId is null && First.MayJoinBatch;

    /// <summary>True when a delivery of it is in order by key.</summary>
    public bool IsInOrder => Deliveries.Count == 1 ? First.Key is not null : Deliveries.Any(static delivery => delivery.Key is not null);

    /// <summary>The spent attempts of the fast tier.</summary>
    public int Tries => Most(static delivery => delivery.Tries);

    /// <summary>The time of its next attempt; null for at once.</summary>
    public DateTimeOffset? NotBefore => Deliveries.Count == 1 ? First.NotBefore : Deliveries.Max(static delivery => delivery.NotBefore);

    public static Shipment Of(Delivery delivery) => new() { Deliveries = [delivery] };

    /// <summary>The shipment after an attempt that decided nothing.</summary>
    public Shipment Tried(int tries, DateTimeOffset? notBefore) => this with
    {
        Deliveries = [.. Deliveries.Select(delivery => delivery with { AttemptsBefore = delivery.AttemptsBefore + 1, Tries = tries, NotBefore = notBefore })],
    };

    /// <summary>The shipment without some of its deliveries; null when nothing is left of it.</summary>
    public Shipment? Without(IReadOnlyCollection<Delivery> some) =>
        some.Count == 0 ? this : some.Count == Deliveries.Count ? null : this with { Deliveries = [.. Deliveries.Except(some)] };

    /// <summary>The shipment without the bodies of deliveries that ended. A batch goes on without these deliveries; the last one stays.</summary>
    public Shipment Without(Priority priority, IReadOnlySet<long> erased)
    {
        if (!Deliveries.Any(IsErased))
        {
            return this;
        }

        var left = Deliveries.Where(delivery => !IsErased(delivery)).ToList();
        return this with { Deliveries = left.Count == 0 ? [First.WithoutBody()] : left };

        bool IsErased(Delivery delivery) => delivery.Priority == priority && erased.Contains(delivery.Sequence);
    }

    /// <summary>
    /// True when a batch goes again in halves: its content was refused, or it is large and its connection was cut again. A receiver cuts it when it
    /// refuses the size before it has read all.
    /// </summary>
    /// <param name="attempt">The failed attempt.</param>
    /// <param name="spent">The spent attempts, with it.</param>
    /// <param name="plan">The plan of all attempts.</param>
    public bool SplitsAfter(Attempt attempt, int spent, RetryPlan plan) =>
        (Deliveries.Count > 1 && FailureReason.IsOfTheContent(attempt)) || (MayBeTooLarge(attempt) && spent >= Math.Min(2, plan.MaxRetries + 1));

    /// <summary>True for a large batch whose connection was cut: the cause may be its size, and not the receiver.</summary>
    public bool MayBeTooLarge(Attempt attempt) => Deliveries.Count > 1
        && attempt.Reason == FailureReason.ConnectionReset
        && Deliveries.Sum(static delivery => delivery.Event.Payload.Length) >= LargeBytes;

    /// <summary>The halves of a batch that was refused for its content or its size.</summary>
    public (Shipment First, Shipment Second) Halve(Func<Guid> nextId)
    {
        var middle = Deliveries.Count / 2;
        return (Part(..middle), Part(middle..));

        Shipment Part(Range range) => new() { Deliveries = [.. Deliveries.Take(range)], BatchId = nextId(), HalfOf = BatchId };
    }

    private int Most(Func<Delivery, int> of) => Deliveries.Count == 1 ? of(First) : Deliveries.Max(of);
}
