using Middleware.Events;

namespace Middleware.DeadLetters;

/// <summary>
/// Finds dead letters, replays and discards them. The cost of a call is bounded however much is kept. Every member may throw
/// <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IDeadLetterStore
{
    Task<HistoryPage<DeadLetter>> FindDeadLettersAsync(DeadLetterQuery filter, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Counts by endpoint and reason, among the newest dead letters.</summary>
    Task<DeadLetterCounts> CountDeadLettersAsync(DeadLetterQuery filter, CancellationToken cancellationToken);

    /// <summary>Null when it is not known.</summary>
    Task<DeadLetterTimeline?> FindDeadLetterAsync(DeliveryId id, CancellationToken cancellationToken);

    /// <summary>Makes a dead letter pending again if it rests. In one step with its schedule, so that only one of the two does.</summary>
    Task<DeadLetterChange> ReplayAsync(DeliveryId id, string replayId, Actor by, CancellationToken cancellationToken);

    /// <summary>Discards a dead letter if it rests; it is kept, with the operator's name.</summary>
    Task<DeadLetterChange> DiscardAsync(DeliveryId id, Actor by, CancellationToken cancellationToken);
}
