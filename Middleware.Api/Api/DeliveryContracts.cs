using System.ComponentModel.DataAnnotations;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>An event for one endpoint.</summary>
public sealed record DeliveryItem
{
    /// <summary><c>event_id.endpoint_id</c>.</summary>
    [RegularExpression(Patterns.DeliveryId)]
    public required string DeliveryId { get; init; }

    /// <summary>The endpoint.</summary>
    public required string EndpointId { get; init; }

    /// <summary><c>pending</c>, <c>delivered</c>, <c>dead_letter</c>, <c>discarded</c> or <c>handed_over</c>.</summary>
    [OneOf<DeliveryStatus>]
    public required string Status { get; init; }

    /// <summary>How many tries there were.</summary>
    public required int AttemptCount { get; init; }

    /// <summary>When it was delivered, for the last time if it was replayed; UTC.</summary>
    public DateTime? DeliveredAt { get; init; }

    /// <summary>The replay that made it pending again; null for none.</summary>
    public string? ReplayId { get; init; }

    /// <summary>Why it was given up; null when it was not.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was given up last; UTC.</summary>
    public DateTime? DeadAt { get; init; }

    /// <summary>When it is tried again by itself; UTC, null for never.</summary>
    public DateTime? NextRetryAt { get; init; }

    /// <summary>The endpoint that hears of it instead, whose schedule was not spent; null when it was not handed over.</summary>
    public string? HandedTo { get; init; }

    /// <summary>The endpoint in whose place this one hears of it; null when the event matched.</summary>
    public string? HandedFrom { get; init; }

    /// <summary>The operator who discarded it.</summary>
    public string? DiscardedBy { get; init; }

    /// <summary>When that was; UTC.</summary>
    public DateTime? DiscardedAt { get; init; }
}

/// <summary>One try.</summary>
public sealed record AttemptItem
{
    /// <summary>The endpoint.</summary>
    public required string EndpointId { get; init; }

    /// <summary>From 1, for each endpoint.</summary>
    [Range(1, int.MaxValue)]
    public required int Number { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>Milliseconds until the answer or the failure.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>The HTTP status of the answer; null when there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Reason { get; init; }

    /// <summary>What the failure said of itself.</summary>
    public string? Error { get; init; }

    /// <summary>The first 4 KiB of the answer, as UTF-8 text.</summary>
    public string? Response { get; init; }

    /// <summary>The batch in which it was made, which is its <c>webhook-id</c>; null for a request of its own.</summary>
    public string? BatchId { get; init; }
}
