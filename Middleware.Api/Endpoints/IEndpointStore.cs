using Middleware.Events;

namespace Middleware.Endpoints;

/// <summary>Keeps the endpoints that were registered. Every member but <see cref="FailingSince"/> may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IEndpointStore
{
    /// <summary>All there are, oldest first.</summary>
    Task<IReadOnlyList<RegisteredEndpoint>> LoadAsync();

    /// <summary>
    /// Adds an endpoint of version 1, or changes the one that has the version before; false, and nothing changed, when it has another.
    /// </summary>
    Task<bool> SaveAsync(RegisteredEndpoint endpoint);

    /// <summary>
    /// Marks an endpoint as deleted. What waits for it becomes dead letters of the reason <see cref="FailureReason.EndpointDeleted"/> by
    /// <see cref="ClearDeletedAsync"/>, and at once what is accepted for it after all; its other dead letters are not tried again by themselves.
    /// </summary>
    /// <param name="id">Which.</param>
    /// <param name="version">The version it must have.</param>
    /// <param name="deadLetterWaiting">False: it is not deleted while something waits for it.</param>
    Task<EndpointRemoval> RemoveAsync(EndpointId id, long version, bool deadLetterWaiting);

    /// <summary>
    /// Takes a deletion a small step further, of so many deliveries at most; null when none is left. It goes on after a restart. Used by one loop.
    /// </summary>
    Task<EndpointClearing?> ClearDeletedAsync(int limit);

    /// <summary>
    /// When the first delivery to an endpoint failed since one succeeded or the endpoint was changed, as far as that is recorded; null when none
    /// did. It outlives the process if the store does.
    /// </summary>
    DateTimeOffset? FailingSince(EndpointId endpoint);

    /// <summary>The deliveries to deleted endpoints that are not dead letters yet.</summary>
    int Clearing { get; }
}

/// <summary>A step of a deletion.</summary>
/// <param name="Endpoint">Which was deleted.</param>
/// <param name="DeadLetters">How many deliveries to it became dead letters.</param>
/// <param name="IsLast">True when nothing of it is left.</param>
internal readonly record struct EndpointClearing(EndpointId Endpoint, int DeadLetters, bool IsLast);

/// <summary>What a deletion came to.</summary>
internal enum EndpointRemoval
{
    Removed,

    /// <summary>It has another version, or is gone.</summary>
    VersionDiffers,

    /// <summary>Deliveries wait for it.</summary>
    HasWaiting,

    /// <summary>It is the fallback of another.</summary>
    IsFallback,
}
