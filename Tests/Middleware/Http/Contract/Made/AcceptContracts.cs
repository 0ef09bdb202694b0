using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Middleware.Accepting;
using Middleware.Events;
using Middleware.Http;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>
/// An event as it is sent. Members that are not known are passed over; members that are there twice, text behind the object and more than
/// 32 levels are refused.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record EventRequest
{
    /// <summary>The system it comes from. <c>aspire-integration</c>, the platform's own name, is refused.</summary>
    [MaxLength(EventReader.MaxNameLength), RegularExpression(Patterns.NotBlank)]
    public required string Source { get; init; }

    /// <summary>The kind of the event.</summary>
    [MaxLength(EventReader.MaxNameLength), RegularExpression(Patterns.NotBlank)]
    public required string EventType { get; init; }

    /// <summary>
    /// In any case: <c>critical</c>, <c>fatal</c> and <c>emergency</c> are of critical priority, <c>high</c> and <c>error</c> of high,
    /// <c>medium</c>, <c>warning</c> and <c>warn</c> of medium, anything else is of low.
    /// </summary>
    [MaxLength(EventReader.MaxSeverityLength), RegularExpression(Patterns.NotBlank)]
    public required string Severity { get; init; }

    /// <summary>For people.</summary>
    [MaxLength(EventReader.MaxMessageLength), RegularExpression(Patterns.NotBlank)]
    public required string Message { get; init; }

    /// <summary>Anything else, passed on byte for byte. A text may hold half of a surrogate pair; a member's name must not.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Metadata { get; init; }

    /// <summary>The time from its acceptance, 1ms to 30d, from which on it is not sent any more; for ever by default.</summary>
    [RegularExpression(Patterns.Duration)]
    public string? ExpiresIn { get; init; }
}

/// <summary>The result of an event.</summary>
public enum AcceptStatus
{
    [JsonStringEnumMemberName("accepted")]
    Accepted,

    [JsonStringEnumMemberName("rejected")]
    Rejected,
}

/// <summary>The answer to an event that is kept.</summary>
public sealed record AcceptedEvent
{
    /// <summary><c>accepted</c>.</summary>
    public required AcceptStatus Status { get; init; }

    /// <summary>The same on every delivery and every attempt.</summary>
    [RegularExpression(Patterns.Id)]
    public required string EventId { get; init; }

    /// <summary>That of the request.</summary>
    [RegularExpression(Patterns.CorrelationId)]
    public required string CorrelationId { get; init; }
}

/// <summary>The answer to a batch.</summary>
public sealed record AcceptedBatch
{
    /// <summary>The number of kept events.</summary>
    [Range(0, BatchSplitter.MaxEvents)]
    public required int Accepted { get; init; }

    /// <summary>The number of refused events.</summary>
    [Range(0, BatchSplitter.MaxEvents)]
    public required int Rejected { get; init; }

    /// <summary>One for each event, in their order.</summary>
    [MinLength(1), MaxLength(BatchSplitter.MaxEvents)]
    public required IReadOnlyList<AcceptedBatchItem> Results { get; init; }
}

/// <summary>The result of an event of a batch: ids when it was accepted and errors when it was not.</summary>
public sealed record AcceptedBatchItem
{
    /// <summary>Its place in the batch, from zero.</summary>
    [Range(0, BatchSplitter.MaxEvents - 1)]
    public required int Index { get; init; }

    /// <summary><c>accepted</c> or <c>rejected</c>.</summary>
    public required AcceptStatus Status { get; init; }

    /// <summary>The same on every delivery and every attempt.</summary>
    [RegularExpression(Patterns.Id), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EventId { get; init; }

    /// <summary>That of the request.</summary>
    [RegularExpression(Patterns.CorrelationId), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CorrelationId { get; init; }

    /// <summary>All faults, under the name of the field, or under <c>body</c>; under <c>queue</c> when every queue is full.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}
