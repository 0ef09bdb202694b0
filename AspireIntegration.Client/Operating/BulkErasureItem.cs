namespace AspireIntegration.Client.Operating;

/// <summary>A bulk erasure of the events at its creation; for a dry run, of those now.</summary>
public sealed record BulkErasureItem
{
    /// <summary>32 hexadecimal digits; null of a dry run.</summary>
    public string? Id { get; init; }

    /// <summary>True when it was only counted: nothing is erased, and there is no such erasure.</summary>
    public bool DryRun { get; init; }

    /// <summary><c>running</c>, <c>completed</c> or <c>cancelled</c>; null of a dry run.</summary>
    public ReplayState? State { get; init; }

    /// <summary>As asked for.</summary>
    public BulkReplayFilter Filter { get => field ??= new(); init; }

    /// <summary>The number of events when it was created.</summary>
    public long Total { get; init; }

    /// <summary>True when the count ended early: then there may be more.</summary>
    public bool TotalIsLowerBound { get; init; }

    /// <summary>Events that it erased.</summary>
    public long Erased { get; init; }

    /// <summary>Events that were erased already, or gone, when it came to them.</summary>
    public long Skipped { get; init; }

    /// <summary>The part of the total that is left to erase.</summary>
    public long Remaining { get; init; }

    /// <summary>The time of its creation; later events are not in it. Null of a dry run.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The time at which it was completed or cancelled.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>A bulk erasure of events.</summary>
public sealed record BulkErasureRequest
{
    /// <summary>The conditions. Required; <c>{}</c> takes everything.</summary>
    public required BulkErasureFilter Filter { get; init; }

    /// <summary>Only count: nothing is erased and nothing is kept.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>The events for which all given parts hold, each exactly.</summary>
public sealed record BulkErasureFilter
{
    /// <summary>The source.</summary>
    public string? Source { get; init; }

    /// <summary>The event type.</summary>
    public string? EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    public Priority? Priority { get; init; }

    /// <summary>The correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Accepted at this time (ISO 8601) or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Accepted before this time (ISO 8601).</summary>
    public DateTimeOffset? Until { get; init; }
}
