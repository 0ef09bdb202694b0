using Middleware.Events;

namespace Middleware.Replicas;

/// <summary>The replicas that share the store. Every member may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IReplicaStore
{
    /// <summary>Completes when another replica may have changed endpoints or keys: after its notice, or after a second. Never where there is no other. Used by one loop.</summary>
    Task WhenOthersMayHaveChangedAsync(CancellationToken cancellationToken);

    /// <summary>Makes the facts of this replica known to the others, unless they are. Used by one loop.</summary>
    Task AnnounceAsync(ReplicaFacts facts);

    /// <summary>The session that this replica has with the store: after its end a new one. What was written with a former one is not read any more.</summary>
    int Session { get; }

    /// <summary>Writes the states of lanes that this replica serves.</summary>
    Task WriteStatesAsync(int session, IReadOnlyList<LaneState> states, CancellationToken cancellationToken);

    /// <summary>Reads the states of lanes that their present owners have written.</summary>
    Task<IReadOnlyList<LaneState>> ReadStatesAsync();

    /// <summary>The replicas that live, by name. One alone where there can be no other.</summary>
    Task<IReadOnlyList<LivingReplica>> ReadAsync(ReplicaFacts own);
}

/// <summary>The facts of a replica that stay as long as it runs.</summary>
/// <param name="Version">Of its program.</param>
/// <param name="Since">The time of its start.</param>
/// <param name="Generation">Of its configuration of endpoints.</param>
/// <param name="IsApplied">False when that was too low to be applied.</param>
internal sealed record ReplicaFacts(string Version, DateTimeOffset Since, long Generation, bool IsApplied);

/// <summary>A replica that lives.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Facts">Its facts; null until it has announced them.</param>
/// <param name="IsThis">True for the one that answers.</param>
/// <param name="Slots">The number of its slots, of 256.</param>
/// <param name="Owns">True for the lane of an endpoint, or of a shard, that it serves.</param>
internal sealed record LivingReplica(string Name, ReplicaFacts? Facts, bool IsThis, int Slots, Func<EndpointId, int, bool> Owns);
