using Middleware.Events;

namespace Middleware.History;

/// <summary>
/// Reads accepted events and their deliveries. The cost of a call is bounded however much is kept. Calls run one after the other: reading never gets
/// in the way of accepting and delivering. May throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IEventHistory
{
    Task<HistoryPage<EventSummary>> FindEventsAsync(HistoryQuery filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Null when it is not known.</summary>
    Task<EventTimeline?> FindEventAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Makes an event pending again for each endpoint that matched, or for <paramref name="only"/>. Skips an endpoint where it is pending or for
    /// which <paramref name="isRegistered"/> is false. Null when the event is not known.
    /// </summary>
    Task<IReadOnlyList<ReplayedDelivery>?> ReplayAsync(
        Guid id, ReplayTarget? only, string replayId, Func<EndpointId, bool> isRegistered, Actor by, CancellationToken cancellationToken);
}

/// <summary>The only endpoint of a replay.</summary>
/// <param name="Id">The endpoint.</param>
/// <param name="NeedNotMatch">True where it gets an event that it never matched too.</param>
internal readonly record struct ReplayTarget(EndpointId Id, bool NeedNotMatch = false);
