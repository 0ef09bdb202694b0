using Middleware.Events;

namespace Middleware.Retention;

/// <summary>
/// Purges rows past their retention, a few in a transaction, so that accepting goes on between them. Only resolved events go: never one that is
/// pending or has a dead letter that rests or is queued. Every member may throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IRetentionStore
{
    /// <summary>
    /// Looks at the next events and purges those that are resolved and older than <paramref name="before"/>. Begins after
    /// <paramref name="cursor"/> and ends where none is that old.
    /// </summary>
    Task<PurgeStep> PurgeEventsAsync(long cursor, DateTimeOffset before);

    /// <summary>
    /// Looks at the next dead letters and purges those that failed last before <paramref name="before"/> and have no planned retry. Each goes with
    /// its event when that is then resolved and older than <paramref name="eventsBefore"/>.
    /// </summary>
    Task<PurgeStep> PurgeDeadLettersAsync(long cursor, DateTimeOffset before, DateTimeOffset eventsBefore);

    /// <summary>
    /// Purges kept answers that have expired, counts of a day before, and replays that ended before <paramref name="replaysBefore"/>. True when there may be more.
    /// </summary>
    Task<bool> PurgeExpiredAsync(DateTimeOffset now, DateTimeOffset replaysBefore);
}

/// <summary>The result of one step of a purge.</summary>
/// <param name="Events">Events that were purged.</param>
/// <param name="DeadLetters">Dead letters that were purged.</param>
/// <param name="Cursor">The place of the next step.</param>
/// <param name="IsLast">True when nothing that is old enough follows.</param>
internal readonly record struct PurgeStep(int Events, int DeadLetters, long Cursor, bool IsLast);
