using Middleware.Events;

namespace Middleware.History;

/// <summary>
/// Looks back at what was accepted and what became of it. The cost of a call is bounded however much is kept, and calls have their turn
/// one after the other: looking never gets in the way of accepting and delivering. May throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IEventHistory
{
    Task<HistoryPage<EventSummary>> FindEventsAsync(HistoryQuery filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Null when it is not known.</summary>
    Task<EventTimeline?> FindEventAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// Makes an event pending again for each endpoint that matched, or for <paramref name="endpoint"/>, unless it is pending there or
    /// <paramref name="isRegistered"/> is false for it. Null when the event is not known.
    /// </summary>
    Task<IReadOnlyList<ReplayedDelivery>?> ReplayAsync(
        Guid id, EndpointId? endpoint, string replayId, Func<EndpointId, bool> isRegistered, CancellationToken cancellationToken);
}
