namespace Middleware.Replicas;

/// <summary>A replica of the service.</summary>
/// <param name="replica">The replica.</param>
/// <param name="lanes">The number of endpoints that it serves.</param>
/// <param name="waiting">The number of deliveries that wait for them.</param>
internal sealed class ReplicaItem(LivingReplica replica, int lanes, long waiting)
{
    /// <summary>REPLICA_NAME, or the machine's name; with <c>#</c> and a number where several have the same.</summary>
    public string Name => replica.Name;

    /// <summary>The version of its program; null for a replica that has just started.</summary>
    public string? Version => replica.Facts?.Version;

    /// <summary>The time of its start; UTC. Null for a replica that has just started.</summary>
    public DateTimeOffset? Since => replica.Facts?.Since;

    /// <summary>True for the replica that answers.</summary>
    public bool IsThis => replica.IsThis;

    /// <summary>The share of all endpoints that it serves, of 256 slots.</summary>
    public int Slots => replica.Slots;

    /// <summary>The endpoints that it serves, or of which it serves a shard.</summary>
    public int Endpoints => lanes;

    /// <summary>Deliveries that wait for these endpoints, those under way included. Those of an endpoint with shards count where its first one is served.</summary>
    public long Waiting => waiting;

    /// <summary>CONFIG_GENERATION of its start; null for a replica that has just started.</summary>
    public long? ConfigGeneration => replica.Facts?.Generation;

    /// <summary>
    /// False when a configuration of a higher generation was in force at its start, so that its own was not applied. Null for a replica that has just
    /// started.
    /// </summary>
    public bool? ConfigApplied => replica.Facts?.IsApplied;
}
