using Middleware.Replays;

namespace Middleware.Erasing;

/// <summary>A bulk erasure of the events at its creation; for a dry run, of those now.</summary>
internal sealed class BulkErasureItem(BulkReplayItem item)
{
    /// <summary>32 hexadecimal digits; null of a dry run.</summary>
    public string? Id => item.Id;

    /// <summary>True when it was only counted: nothing is erased, and there is no such erasure.</summary>
    public bool DryRun => item.DryRun;

    /// <summary><c>running</c>, <c>completed</c> or <c>cancelled</c>; null of a dry run.</summary>
    public ReplayState? State => item.State;

    /// <summary>As asked for.</summary>
    public ReplaySelection Filter => item.Filter;

    /// <summary>The number of events when it was created.</summary>
    public long Total => item.Total;

    /// <summary>True when the count ended early: then there may be more.</summary>
    public bool TotalIsLowerBound => item.TotalIsLowerBound;

    /// <summary>Events that it erased.</summary>
    public long Erased => item.Queued;

    /// <summary>Events that were erased already, or gone, when it came to them.</summary>
    public long Skipped => item.Skipped;

    /// <summary>The part of the total that is left to erase.</summary>
    public long Remaining => item.Remaining;

    /// <summary>The time of its creation; later events are not in it. Null of a dry run.</summary>
    public DateTimeOffset? CreatedAt => item.CreatedAt;

    /// <summary>The time at which it was completed or cancelled.</summary>
    public DateTimeOffset? EndedAt => item.EndedAt;

    public static BulkErasureItem Created(BulkReplay erasure) => new(BulkReplayItem.Created(erasure));
}
