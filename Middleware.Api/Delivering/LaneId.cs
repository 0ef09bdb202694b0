using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>A lane: the one of an endpoint, or that of a shard.</summary>
internal readonly record struct LaneId(EndpointId Endpoint, LaneLayout Layout, int Shard)
{
    /// <summary>True for a lane that has a part of its endpoint's deliveries.</summary>
    public bool IsPart => Layout.Shards > 1;

    /// <summary>The one lane of an endpoint without shards.</summary>
    public static LaneId Whole(EndpointId endpoint) => new(endpoint, LaneLayout.Single, 0);

    /// <summary>True for a delivery of this lane.</summary>
    public bool Has(Delivery delivery) => Layout.ShardOf(delivery.Key, delivery.EventSequence) == Shard;

    /// <summary>A delivery as this lane has it.</summary>
    public Delivery Place(Delivery delivery) => IsPart ? delivery with { Shard = Shard } : delivery;
}
