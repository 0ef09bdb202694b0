using Middleware.Callers;
using Middleware.Endpoints;

namespace Middleware.Replicas;

/// <summary>
/// Puts the changes of endpoints and keys in force that other replicas make, at their notice or within a second. Makes this replica known to them.
/// </summary>
internal sealed class FollowChanges(IReplicaStore replicas, OwnFacts own, ManageEndpoints endpoints, ManageKeys keys)
{
    /// <summary>Waits until something may have changed, and looks.</summary>
    public async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        await replicas.WhenOthersMayHaveChangedAsync(cancellationToken);
        await keys.FollowAsync();
        await endpoints.FollowAsync();
        await replicas.AnnounceAsync(own.Read());
    }
}
