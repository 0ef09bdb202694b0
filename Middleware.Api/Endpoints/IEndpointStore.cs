using Middleware.Events;

namespace Middleware.Endpoints;

/// <summary>Keeps the registered endpoints. Every member but <see cref="FailingSince"/> may throw <see cref="StoreUnavailableException"/>.</summary>
/// <remarks>Changes come one at a time. Where replicas share the store, a change fails that was decided without knowing all changes of the others.</remarks>
internal interface IEndpointStore
{
    /// <summary>True where other replicas may change endpoints too.</summary>
    bool HasReplicas { get; }

    /// <summary>All there are, oldest first.</summary>
    Task<IReadOnlyList<RegisteredEndpoint>> LoadAsync();

    /// <summary>
    /// The changes of other replicas since the last that are known here; null for none. Nothing becomes pending here from then on for those that are gone.
    /// </summary>
    /// <param name="known">Reads the endpoints as they are known here.</param>
    Task<EndpointChanges?> ReadChangesAsync(Func<IReadOnlyCollection<RegisteredEndpoint>> known);

    /// <summary>
    /// Notes the generation of a configuration whose endpoints are to be applied; false when a higher one was. A store for one process notes none.
    /// </summary>
    Task<bool> TryBeginAsync(long generation);

    /// <summary>
    /// Adds an endpoint of version 1, or changes the one that has the version before. False, and nothing changed, for any other version, and when
    /// another replica changed something that is not known here.
    /// </summary>
    /// <param name="endpoint">The endpoint as it is to be.</param>
    /// <param name="before">The endpoint as it was, for the audit log; null for a new one.</param>
    /// <param name="by">The originator.</param>
    Task<bool> SaveAsync(RegisteredEndpoint endpoint, WebhookEndpoint? before, Actor by);

    /// <summary>
    /// Marks an endpoint as deleted. <see cref="ClearDeletedAsync"/> makes its waiting deliveries dead letters of the reason
    /// <see cref="FailureReason.EndpointDeleted"/>; an event accepted for it after all becomes one at once. Its other dead letters are not delivered
    /// again by themselves.
    /// </summary>
    /// <param name="id">The endpoint.</param>
    /// <param name="version">The version it must have.</param>
    /// <param name="deadLetterWaiting">False: it is not deleted while a delivery waits for it.</param>
    /// <param name="by">The originator.</param>
    Task<EndpointRemoval> RemoveAsync(EndpointId id, long version, bool deadLetterWaiting, Actor by);

    /// <summary>
    /// Takes a deletion a small step further, of at most so many deliveries; null when none is left. It goes on after a restart. Used by one loop.
    /// </summary>
    Task<EndpointClearing?> ClearDeletedAsync(int limit);

    /// <summary>
    /// Makes dead letters of pending deliveries to an endpoint that is gone, at most <paramref name="limit"/>, and returns their number. Another replica that ended before it
    /// knew of the deletion may have left them.
    /// </summary>
    Task<int> ClearLeftAsync(int limit);

    /// <summary>
    /// The first failure of an endpoint since a delivery succeeded or the endpoint was changed, as far as it is recorded; null for none. A durable
    /// store keeps it over a restart.
    /// </summary>
    DateTimeOffset? FailingSince(EndpointId endpoint);

    /// <summary>The same as the store has it now, where other replicas send to the endpoint too.</summary>
    Task<DateTimeOffset?> ReadFailingSinceAsync(EndpointId endpoint);

    /// <summary>The deliveries to deleted endpoints that are not dead letters yet.</summary>
    int Clearing { get; }
}

/// <summary>The changes of other replicas.</summary>
/// <param name="Set">The endpoints that are new or have another version.</param>
/// <param name="Removed">Those that are gone.</param>
/// <param name="Unreadable">Those whose definitions cannot be read here, with the fault; they stay as they were.</param>
internal sealed record EndpointChanges(IReadOnlyList<RegisteredEndpoint> Set, IReadOnlyList<EndpointId> Removed, IReadOnlyList<(EndpointId Id, string Fault)> Unreadable);

/// <summary>A step of a deletion.</summary>
/// <param name="Endpoint">The deleted endpoint.</param>
/// <param name="DeadLetters">The deliveries to it that became dead letters.</param>
/// <param name="IsLast">True when nothing of it is left.</param>
internal readonly record struct EndpointClearing(EndpointId Endpoint, int DeadLetters, bool IsLast);

internal enum EndpointRemoval
{
    Removed,

    /// <summary>It has another version, or is gone, or another replica changed something that is not known here.</summary>
    VersionDiffers,

    /// <summary>Deliveries wait for it.</summary>
    HasWaiting,

    /// <summary>It is the fallback of another.</summary>
    IsFallback,
}
