using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The lanes of an endpoint that are served here, by their shards. It does not change: a change makes another.</summary>
internal sealed class ServedLanes
{
    public static readonly ServedLanes None = new(LaneLayout.Single, []);

    private readonly ServedLane?[] _byShard;

    public ServedLanes(LaneLayout layout, IEnumerable<ServedLane> lanes)
    {
        (Layout, _byShard) = (layout, new ServedLane?[layout.Shards]);
        foreach (var lane in lanes)
        {
            _byShard[lane.Id.Shard] = lane;
        }
    }

    public LaneLayout Layout { get; }

    public IEnumerable<ServedLane> All => _byShard.OfType<ServedLane>();

    public bool Any(Func<LaneId, bool> which)
    {
        foreach (var lane in _byShard)
        {
            if (lane is not null && which(lane.Id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Passes a delivery on to its lane, unless another replica serves that.</summary>
    public void Offer(Delivery delivery)
    {
        if (_byShard[Layout.ShardOf(delivery.Key, delivery.EventSequence)] is { } served)
        {
            served.Lane.Offer(served.Id.Place(delivery));
        }
    }

    /// <inheritdoc cref="IDeliverySink.OpeningOf"/>
    public LaneOpening? OpeningOf(Priority priority) => _byShard is [{ } served] ? served.Lane.OpeningOf(priority) : null;

    /// <inheritdoc cref="ServedLane.Drain"/>
    public void Drain() => All.ToList().ForEach(static served => served.Drain());

    /// <inheritdoc cref="ServedLane.Complete"/>
    public void Complete() => All.ToList().ForEach(static served => served.Complete());

    /// <summary>The lane of a key; null where another replica serves it.</summary>
    public Lane? Find(long key) => _byShard[Layout.ShardOf(key, 0)]?.Lane;

    public void ForEach(Action<Lane> action)
    {
        foreach (var lane in _byShard)
        {
            if (lane is not null)
            {
                action(lane.Lane);
            }
        }
    }
}
