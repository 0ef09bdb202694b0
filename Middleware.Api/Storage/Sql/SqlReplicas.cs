using Middleware.Replicas;

namespace Middleware.Storage.Sql;

/// <summary>The replicas on the store's database.</summary>
internal sealed class SqlReplicas(IStoreEngine engine) : IReplicaStore
{
    public int Session => engine.Session;

    public Task WhenOthersMayHaveChangedAsync(CancellationToken cancellationToken) => engine.WhenOthersMayHaveChangedAsync(cancellationToken);

    public Task AnnounceAsync(ReplicaFacts facts) => engine.AnnounceAsync(facts);

    public Task<IReadOnlyList<LivingReplica>> ReadAsync(ReplicaFacts own) => engine.ReadReplicasAsync(own);

    public Task WriteStatesAsync(int session, IReadOnlyList<LaneState> states, CancellationToken cancellationToken) => engine.WriteStatesAsync(session, states, cancellationToken);

    public Task<IReadOnlyList<LaneState>> ReadStatesAsync() => engine.ReadStatesAsync();
}
