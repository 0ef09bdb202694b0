namespace AspireIntegration.Client.Operating;

/// <summary>A bulk replay of dead letters or events.</summary>
public sealed record BulkReplayRequest
{
    /// <summary><c>dead_letters</c>: those that rest. <c>events</c>: delivered or not. Required.</summary>
    public required ReplaySubject Of { get; init; }

    /// <summary>
    /// <c>replay</c>: deliver them again; so when it is not given. <c>discard</c>: give dead letters up for good, in the name of the
    /// caller.
    /// </summary>
    public ReplayAction? Action { get; init; }

    /// <summary>The conditions; <c>{}</c> takes everything. Required, or <see cref="Ids"/> in its place.</summary>
    public BulkReplayFilter? Filter { get; init; }

    /// <summary>
    /// 1 to 1,000 delivery ids of dead letters, or ids of events, in the place of <see cref="Filter"/>. Those that do not rest any more are
    /// skipped.
    /// </summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>
    /// The only endpoint that gets them; null for all that had them. Events for another than <c>filter.endpoint_id</c> need the scope
    /// <c>admin</c>.
    /// </summary>
    public string? EndpointId { get; init; }

    /// <summary>The most deliveries queued in a second, or dead letters discarded, 1 to 100,000; null for no limit.</summary>
    public int? RatePerSecond { get; init; }

    /// <summary>Only count: nothing is delivered or discarded, and nothing is kept.</summary>
    public bool? DryRun { get; init; }
}

/// <summary>The dead letters or events for which all given parts hold, each exactly.</summary>
public sealed record BulkReplayFilter
{
    /// <summary>The source.</summary>
    public string? Source { get; init; }

    /// <summary>The event type.</summary>
    public string? EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    public Priority? Priority { get; init; }

    /// <summary>The correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The endpoint of a dead letter, or one that had the event.</summary>
    public string? EndpointId { get; init; }

    /// <summary>The reason of a dead letter, such as <c>http_503</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Given up, or for events accepted, at this time (ISO 8601) or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Given up, or for events accepted, before this time (ISO 8601).</summary>
    public DateTimeOffset? Until { get; init; }
}
