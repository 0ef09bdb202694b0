using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The shipments that came back to their lane, or stand in front of it. An open circuit sent some back: at most one for each worker, and some failed
/// probes. Others are halves of refused batches, or batches that were under way when the last process ended. Within their priority they are older
/// than the lane's windows.
/// </summary>
internal sealed class GivenBack(LaneDemand demand, TimeProvider clock)
{
    /// <summary>The most failed probes of a priority that are held; from then on they take turns.</summary>
    public const int MostProbes = 8;

    private readonly Lock _gate = new();
    private readonly List<(Shipment Shipment, bool WasProbe)> _all = [];
    private volatile bool _any;

    public bool IsEmpty => !_any;

    public void Add(Shipment shipment, bool wasProbe)
    {
        lock (_gate)
        {
            _all.Add((shipment, wasProbe));
            _any = true;
        }

        demand.Ready();
    }

    /// <summary>Drops the bodies of erased deliveries, and returns those that were dropped from their batches: no worker ends them.</summary>
    public IReadOnlyList<Delivery> Erase(Priority priority, IReadOnlySet<long> sequences)
    {
        var dropped = new List<Delivery>();
        lock (_gate)
        {
            for (var index = 0; index < _all.Count; index++)
            {
                var (before, wasProbe) = _all[index];
                var now = before.Without(priority, sequences);
                dropped.AddRange(before.Deliveries.ExceptBy(now.Deliveries.Select(static delivery => delivery.Sequence), static delivery => delivery.Sequence));
                _all[index] = (now, wasProbe);
            }
        }

        return dropped;
    }

    /// <summary>Takes the next one unless <paramref name="other"/> is before it.</summary>
    public Shipment? TryTakeBefore(Delivery? other, CircuitPass pass)
    {
        lock (_gate)
        {
            // A receiver may always fail at a failed probe: it must not be the probe for ever.
            var next = FindNext(other, pass.IsProbe ? static entry => !entry.WasProbe : static _ => true);
            if (next < 0 && pass.IsProbe && (other is null || HoldsEnoughProbes(other.Priority)))
            {
                // Without another delivery, or with enough failed probes, the one whose turn is longest ago.
                next = _all.FindIndex(static entry => entry.WasProbe);
                pass.IsTurn = other is not null;
            }

            return Take(next);
        }
    }

    /// <summary>Takes the next one that may travel in a batch, unless <paramref name="other"/> is before it.</summary>
    public Delivery? TryTakeForBatch(Delivery? other)
    {
        lock (_gate)
        {
            return Take(FindNext(other, static entry => entry.Shipment.MayJoinBatch))?.First;
        }
    }

    /// <summary>True when enough failed probes are held. False for a delivery more urgent than those: it is the next probe.</summary>
    private bool HoldsEnoughProbes(Priority atLeast) =>
        _all.Count(entry => entry.WasProbe && entry.Shipment.First.Priority >= atLeast) >= MostProbes;

    private Shipment? Take(int index)
    {
        if (index < 0)
        {
            return null;
        }

        var (shipment, _) = _all[index];
        _all.RemoveAt(index);
        _any = _all.Count > 0;
        return shipment;
    }

    private int FindNext(Delivery? other, Func<(Shipment Shipment, bool WasProbe), bool> may)
    {
        var next = -1;
        var now = clock.GetUtcNow();
        for (var index = 0; index < _all.Count; index++)
        {
            var first = _all[index].Shipment.First;
            if (may(_all[index]) && (other is null || Aging.IsBefore(first, other, now)))
            {
                (next, other) = (index, first);
            }
        }

        return next;
    }
}
