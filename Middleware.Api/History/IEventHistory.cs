using Middleware.Events;

namespace Middleware.History;

/// <summary>
/// Reads accepted events and their deliveries. The cost of a call is bounded however much is kept. Calls run one after the other: reading never gets
/// in the way of accepting and delivering. May throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IEventHistory
{
    Task<HistoryPage<EventSummary>> FindEventsAsync(HistoryQuery filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Counts events up to <see cref="EventCount.Most"/>, among the newest.</summary>
    Task<EventCount> CountEventsAsync(HistoryQuery filter, CancellationToken cancellationToken);

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

/// <summary>The number of events that match.</summary>
/// <param name="Total">Their number, at most 1,000.</param>
/// <param name="TotalIsLowerBound">True when there may be more: a count ends at 1,000, and looks at no more than the newest 50,000 events.</param>
internal sealed record EventCount(int Total, bool TotalIsLowerBound)
{
    public const int Most = 1_000;
}
