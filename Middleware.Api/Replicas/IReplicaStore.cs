namespace Middleware.Replicas;

/// <summary>The replicas that share the store.</summary>
internal interface IReplicaStore
{
    /// <summary>Completes when another replica may have changed endpoints or keys: after its notice, or after a second. Never where there is no other. Used by one loop.</summary>
    Task WhenOthersMayHaveChangedAsync(CancellationToken cancellationToken);
}
