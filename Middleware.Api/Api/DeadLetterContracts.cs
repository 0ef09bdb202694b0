using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>A delivery that was given up.</summary>
public record DeadLetterItem
{
    /// <summary><c>event_id.endpoint_id</c>; the event's place in the store, 32 digits as well, where the event cannot be read.</summary>
    [RegularExpression(Patterns.DeliveryId)]
    public required string DeliveryId { get; init; }

    /// <summary>32 hexadecimal digits; null, as all that is of the event, when the event cannot be read.</summary>
    [RegularExpression(Patterns.Id)]
    public required string? EventId { get; init; }

    /// <summary>The endpoint.</summary>
    public required string EndpointId { get; init; }

    /// <summary>The correlation id of the event.</summary>
    public required string? CorrelationId { get; init; }

    /// <summary>As received.</summary>
    public required string? Source { get; init; }

    /// <summary>As received.</summary>
    public required string? EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    [OneOf<Priority>]
    public required string? Priority { get; init; }

    /// <summary>When the event was accepted; UTC.</summary>
    public required DateTime? AcceptedAt { get; init; }

    /// <summary><c>resting</c>, <c>queued</c>, <c>discarded</c> or <c>handed_over</c>.</summary>
    [OneOf<DeadLetterState>]
    public required string State { get; init; }

    /// <summary>Why the last try failed.</summary>
    public required string Reason { get; init; }

    /// <summary>How often it was given up.</summary>
    public required int Failures { get; init; }

    /// <summary>How many tries there were.</summary>
    public required int AttemptCount { get; init; }

    /// <summary>When it was given up first; UTC.</summary>
    public required DateTime FirstDeadAt { get; init; }

    /// <summary>When it was given up last; UTC.</summary>
    public required DateTime DeadAt { get; init; }

    /// <summary>When it is tried again by itself; UTC, null when it waits for an operator, is queued or discarded.</summary>
    public DateTime? NextRetryAt { get; init; }

    /// <summary>The endpoint that hears of it instead; null when it was not handed over.</summary>
    public string? HandedTo { get; init; }

    /// <summary>The operator who discarded it.</summary>
    public string? DiscardedBy { get; init; }

    /// <summary>When that was; UTC.</summary>
    public DateTime? DiscardedAt { get; init; }
}

/// <summary>A dead letter and its tries.</summary>
public sealed record DeadLetterDetail : DeadLetterItem
{
    /// <summary>Adds to what a list shows.</summary>
    [SetsRequiredMembers]
    internal DeadLetterDetail(DeadLetterItem item)
        : base(item)
    {
    }

    /// <summary>Every try, oldest first; the newest 1,000 when there were more.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<AttemptItem> Attempts { get; init; } = [];
}
