using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>
/// Looks back at what was accepted and what became of it. The cost of a call is bounded however much is kept, and calls have their turn
/// one after the other: looking never gets in the way of accepting and delivering. May throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IEventHistory
{
    Task<HistoryPage<EventSummary>> FindEventsAsync(EventFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Null when it is not known.</summary>
    Task<EventTimeline?> FindEventAsync(Guid id, CancellationToken cancellationToken);

    Task<HistoryPage<DeadLetter>> FindDeadLettersAsync(DeadLetterFilter filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Null when it is not known.</summary>
    Task<DeadLetterTimeline?> FindDeadLetterAsync(DeliveryId id, CancellationToken cancellationToken);

    /// <summary>
    /// Makes an event pending again for each endpoint that matched, or for <paramref name="endpoint"/>, unless it is pending there or
    /// <paramref name="isRegistered"/> is false for it. Null when the event is not known.
    /// </summary>
    Task<IReadOnlyList<ReplayedDelivery>?> ReplayAsync(
        Guid id, EndpointId? endpoint, string replayId, Func<EndpointId, bool> isRegistered, CancellationToken cancellationToken);

    /// <summary>Makes a dead letter pending again if it rests. In one step with its schedule, so that only one of the two does.</summary>
    Task<DeadLetterChange> ReplayAsync(DeliveryId id, string replayId, CancellationToken cancellationToken);

    /// <summary>Discards a dead letter if it rests; it is kept, with who did it.</summary>
    Task<DeadLetterChange> DiscardAsync(DeliveryId id, string by, CancellationToken cancellationToken);
}

/// <summary>What was asked of a dead letter and how it stands now.</summary>
/// <param name="IsDone">False when it did not rest, and nothing was changed.</param>
/// <param name="DeadLetter">Null when there is none.</param>
internal readonly record struct DeadLetterChange(bool IsDone, DeadLetter? DeadLetter);
