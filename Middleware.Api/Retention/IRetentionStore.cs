using Middleware.Events;

namespace Middleware.Retention;

/// <summary>
/// Purges what is no longer to be kept, a few rows in a transaction, so that accepting goes on between them. Only what is resolved goes:
/// never an event that is pending or has a dead letter that rests or is queued. Every member may throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IRetentionStore
{
    /// <summary>
    /// Looks at the next events and purges those that are resolved and older than <paramref name="before"/>. Begins after
    /// <paramref name="cursor"/> and ends where none is that old.
    /// </summary>
    Task<PurgeStep> PurgeEventsAsync(long cursor, DateTimeOffset before);

    /// <summary>
    /// Looks at the next dead letters and purges those that failed last before <paramref name="before"/> and for which no retry is planned,
    /// each with its event when that is then resolved and older than <paramref name="eventsBefore"/>.
    /// </summary>
    Task<PurgeStep> PurgeDeadLettersAsync(long cursor, DateTimeOffset before, DateTimeOffset eventsBefore);

    /// <summary>Purges kept answers that have expired, and replays that ended before <paramref name="replaysBefore"/>; says whether there may be more.</summary>
    Task<bool> PurgeExpiredAsync(DateTimeOffset now, DateTimeOffset replaysBefore);
}

/// <summary>What one step of a purge did.</summary>
/// <param name="Events">Events that were purged.</param>
/// <param name="DeadLetters">Dead letters that were purged.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="IsLast">True when nothing that is old enough follows.</param>
internal readonly record struct PurgeStep(int Events, int DeadLetters, long Cursor, bool IsLast);
