namespace AspireIntegration.Client.Operating;

/// <summary>A replica of the service.</summary>
public sealed record ReplicaItem
{
    /// <summary>REPLICA_NAME, or the machine's name; with <c>#</c> and a number where several have the same.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>The version of its program; null for a replica that has just started.</summary>
    public string? Version { get; init; }

    /// <summary>The time of its start; UTC. Null for a replica that has just started.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>True for the replica that answers.</summary>
    public bool IsThis { get; init; }

    /// <summary>The share of all endpoints that it serves, of 256 slots.</summary>
    public int Slots { get; init; }

    /// <summary>The endpoints that it serves, or of which it serves a shard.</summary>
    public int Endpoints { get; init; }

    /// <summary>
    /// Deliveries that wait for these endpoints, those under way included. Those of an endpoint with shards count where its first one is
    /// served.
    /// </summary>
    public long Waiting { get; init; }

    /// <summary>CONFIG_GENERATION of its start; null for a replica that has just started.</summary>
    public long? ConfigGeneration { get; init; }

    /// <summary>
    /// False when a configuration of a higher generation was in force at its start, so that its own was not applied. Null for a replica
    /// that has just started.
    /// </summary>
    public bool? ConfigApplied { get; init; }
}
