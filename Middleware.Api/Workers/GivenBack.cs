using Middleware.Domain;

namespace Middleware.Workers;

/// <summary>
/// What came back to its lane, or stands in front of it: what an open circuit sent back, at most one for each worker and one for each probe
/// that failed; the halves of a batch that was refused; and the batches that were under way when the last process ended. Within their
/// priority they are older than what the lane's windows hold.
/// </summary>
internal sealed class GivenBack(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<(Delivery Delivery, DeliveryBatch? Batch, bool WasProbe)> _all = [];
    private volatile bool _any;

    public bool IsEmpty => !_any;

    public void Add(Delivery delivery, DeliveryBatch? batch, bool wasProbe)
    {
        lock (_gate)
        {
            _all.Add((delivery, batch, wasProbe));
            _any = true;
        }
    }

    /// <summary>Takes what is next unless <paramref name="other"/> is before it.</summary>
    public (Delivery Delivery, DeliveryBatch? Batch)? TryTakeBefore(Delivery? other, bool asProbe)
    {
        lock (_gate)
        {
            var next = FindNext(other, asProbe);
            if (next < 0)
            {
                return null;
            }

            var (delivery, batch, _) = _all[next];
            _all.RemoveAt(next);
            _any = _all.Count > 0;
            return (delivery, batch);
        }
    }

    private int FindNext(Delivery? other, bool asProbe)
    {
        var next = -1;
        var now = clock.GetUtcNow();
        for (var index = 0; index < _all.Count; index++)
        {
            // One that failed as a probe may be what its receiver stumbles over: it must not be the probe for ever.
            if (!(asProbe && _all[index].WasProbe) && (other is null || Aging.IsBefore(_all[index].Delivery, other, now)))
            {
                (next, other) = (index, _all[index].Delivery);
            }
        }

        // With nothing else to try, the one whose turn is longest ago.
        return next < 0 && other is null && _all.Count > 0 ? 0 : next;
    }
}
