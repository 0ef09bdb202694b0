using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>Which dead letters or events: those for which all given parts hold, each exactly.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record BulkReplayFilter
{
    /// <summary>The source.</summary>
    [StringLength(EventReader.MaxNameLength), RegularExpression(Patterns.NotBlank)]
    public string? Source { get; init; }

    /// <summary>The event type.</summary>
    [StringLength(EventReader.MaxNameLength), RegularExpression(Patterns.NotBlank)]
    public string? EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    [OneOf<Priority>]
    public string? Priority { get; init; }

    /// <summary>The correlation id.</summary>
    [RegularExpression(Patterns.CorrelationId)]
    public string? CorrelationId { get; init; }

    /// <summary>The endpoint of a dead letter.</summary>
    [StringLength(128), RegularExpression(Patterns.NotBlank)]
    public string? EndpointId { get; init; }

    /// <summary>The reason of a dead letter, such as <c>http_503</c>.</summary>
    [StringLength(64), RegularExpression(Patterns.NotBlank)]
    public string? Reason { get; init; }

    /// <summary>Given up, or for events accepted, at this time (ISO 8601) or later.</summary>
    [RegularExpression(Patterns.Time)]
    public string? Since { get; init; }

    /// <summary>Given up, or for events accepted, before this time (ISO 8601).</summary>
    [RegularExpression(Patterns.Time)]
    public string? Until { get; init; }
}

/// <summary>A bulk replay, which covers what there was when it was created; or, of a dry run, what it would come to now.</summary>
public sealed record BulkReplayItem
{
    /// <summary>32 hexadecimal digits; null of a dry run. Receivers get it as <c>X-Replay-Id</c>.</summary>
    [RegularExpression(Patterns.Id)]
    public string? Id { get; init; }

    /// <summary>True when it was only counted: nothing is delivered, and there is no such replay.</summary>
    public required bool DryRun { get; init; }

    /// <summary><c>running</c>, <c>completed</c> (all was queued and has ended) or <c>cancelled</c>; null of a dry run.</summary>
    [OneOf<ReplayState>]
    public string? State { get; init; }

    /// <summary>As asked for.</summary>
    [OneOf<ReplaySubject>]
    public required string Of { get; init; }

    /// <summary>As asked for.</summary>
    public required BulkReplayFilter Filter { get; init; }

    /// <summary>As asked for.</summary>
    public string? EndpointId { get; init; }

    /// <summary>As asked for.</summary>
    public int? RatePerSecond { get; init; }

    /// <summary>How many deliveries it came to when it was created.</summary>
    public required long Total { get; init; }

    /// <summary>True when there was more to look at than is counted: then there may be more.</summary>
    public required bool TotalIsLowerBound { get; init; }

    /// <summary>Deliveries that were made pending, and not taken back when the replay was cancelled.</summary>
    public required long Queued { get; init; }

    /// <summary>Deliveries that were pending already, or gone, when it came to them.</summary>
    public required long Skipped { get; init; }

    /// <summary>Deliveries that were queued and have not ended; at most 1,000.</summary>
    public required int Waiting { get; init; }

    /// <summary>What is left of the total to queue, or was when the replay was cancelled.</summary>
    public required long Remaining { get; init; }

    /// <summary>It covers what there was then; null of a dry run.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary>When it was completed or cancelled.</summary>
    public DateTime? EndedAt { get; init; }
}
