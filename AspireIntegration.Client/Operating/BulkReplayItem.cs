namespace AspireIntegration.Client.Operating;

/// <summary>A bulk replay of the dead letters or events at its creation; for a dry run, of those now.</summary>
public sealed record BulkReplayItem
{
    /// <summary>32 hexadecimal digits; null of a dry run. Receivers get it as <c>X-Replay-Id</c>.</summary>
    public string? Id { get; init; }

    /// <summary>True when it was only counted: nothing is delivered, and there is no such replay.</summary>
    public bool DryRun { get; init; }

    /// <summary><c>running</c>, <c>completed</c> (all was queued and has ended) or <c>cancelled</c>; null of a dry run.</summary>
    public ReplayState? State { get; init; }

    /// <summary>As asked for.</summary>
    public ReplaySubject Of { get; init; }

    /// <summary>As asked for.</summary>
    public ReplayAction Action { get; init; }

    /// <summary>As asked for.</summary>
    public BulkReplayFilter Filter { get => field ??= new(); init; }

    /// <summary>The number of ids that were given in the place of a filter, each once; null for a filter.</summary>
    public int? Selected { get; init; }

    /// <summary>As asked for.</summary>
    public string? EndpointId { get; init; }

    /// <summary>As asked for.</summary>
    public int? RatePerSecond { get; init; }

    /// <summary>The number of deliveries when it was created.</summary>
    public long Total { get; init; }

    /// <summary>True when the count ended early: then there may be more.</summary>
    public bool TotalIsLowerBound { get; init; }

    /// <summary>Deliveries that were made pending, and not taken back when the replay was cancelled; or dead letters that were discarded.</summary>
    public long Queued { get; init; }

    /// <summary>Deliveries that were pending already, or gone, when it came to them.</summary>
    public long Skipped { get; init; }

    /// <summary>Deliveries that were queued and have not ended; at most 1,000.</summary>
    public int Waiting { get; init; }

    /// <summary>The part of the total that is left to queue, or was when the replay was cancelled.</summary>
    public long Remaining { get; init; }

    /// <summary>The time of its creation; later dead letters and events are not in it. Null of a dry run.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The time at which it was completed or cancelled.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
