using System.Diagnostics.CodeAnalysis;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The deliveries that may be sent now, in the order in which they became ready. Not for several threads.</summary>
internal sealed class ReadyDeliveries
{
    // Those that go alone do not hold up the gathering of a batch.
    private readonly Queue<(Delivery Delivery, long Place)> _forBatches = new();
    private readonly Queue<(Delivery Delivery, long Place)> _alone = new();

    public int Count => _forBatches.Count + _alone.Count;

    /// <summary>The number of those that were added since the start.</summary>
    public long Added { get; private set; }

    public void Add(Delivery delivery) => (delivery.MayJoinBatch ? _forBatches : _alone).Enqueue((delivery, Added++));

    /// <summary>The next one, or the next that may be in a batch.</summary>
    public bool TryPeek(bool forBatch, [NotNullWhen(true)] out Delivery? delivery)
    {
        var (isAny, isAnyAlone) = (_forBatches.TryPeek(out var next), _alone.TryPeek(out var alone));
        delivery = isAnyAlone && !forBatch && (!isAny || alone.Place < next.Place) ? alone.Delivery : next.Delivery;
        return delivery is not null;
    }

    /// <summary>Takes one that was found to be next; false when another worker did.</summary>
    public bool TryTake(Delivery found)
    {
        return TryTake(_forBatches) || TryTake(_alone);

        bool TryTake(Queue<(Delivery Delivery, long)> ready) => ready.TryPeek(out var next) && ReferenceEquals(next.Delivery, found) && ready.TryDequeue(out _);
    }

    /// <summary>Puts others in the places of deliveries.</summary>
    public void Replace(Func<Delivery, Delivery> by)
    {
        foreach (var ready in (Queue<(Delivery Delivery, long Place)>[])[_forBatches, _alone])
        {
            for (var left = ready.Count; left > 0; left--)
            {
                var (delivery, place) = ready.Dequeue();
                ready.Enqueue((by(delivery), place));
            }
        }
    }
}
