namespace AspireIntegration.Client.Operating;

/// <summary>An event for one endpoint.</summary>
public sealed record DeliveryItem
{
    /// <summary><c>event_id.endpoint_id</c>.</summary>
    public string DeliveryId { get => field ?? ""; init; }

    /// <summary>The endpoint.</summary>
    public string EndpointId { get => field ?? ""; init; }

    /// <summary>
    /// <c>pending</c>, <c>delivered</c>, <c>dead_letter</c>, <c>discarded</c>, <c>handed_over</c>, <c>erased</c> or <c>expired</c>.
    /// </summary>
    public DeliveryStatus Status { get; init; }

    /// <summary>The number of attempts.</summary>
    public int AttemptCount { get; init; }

    /// <summary>The time of the delivery, for the last time if it was replayed; UTC.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>The replay that made it pending again; null for none.</summary>
    public string? ReplayId { get; init; }

    /// <summary>The reason for which it was given up; null when it was not.</summary>
    public string? Reason { get; init; }

    /// <summary>The time at which it was given up last; UTC.</summary>
    public DateTimeOffset? DeadAt { get; init; }

    /// <summary>The time of its next attempt; UTC, null for never.</summary>
    public DateTimeOffset? NextRetryAt { get; init; }

    /// <summary>The endpoint that gets the event instead; null when it was not handed over.</summary>
    public string? HandedTo { get; init; }

    /// <summary>The endpoint whose event this one gets as its fallback; null when the event matched.</summary>
    public string? HandedFrom { get; init; }

    /// <summary>The operator who discarded it.</summary>
    public string? DiscardedBy { get; init; }

    /// <summary>The time of the discarding; UTC.</summary>
    public DateTimeOffset? DiscardedAt { get; init; }
}

/// <summary>An attempt of a delivery.</summary>
public sealed record AttemptItem
{
    /// <summary>The endpoint.</summary>
    public string EndpointId { get => field ?? ""; init; }

    /// <summary>From 1, for each endpoint.</summary>
    public int Number { get; init; }

    /// <summary>UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Milliseconds until the answer or the failure.</summary>
    public double LatencyMs { get; init; }

    /// <summary>The HTTP status of the answer; null when there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The cause of the failure; null for a success.</summary>
    public string? Reason { get; init; }

    /// <summary>The text of the failure.</summary>
    public string? Error { get; init; }

    /// <summary>The first 4 KiB of the answer, as UTF-8 text; null without the scope <c>payloads:read</c>.</summary>
    public string? Response { get; init; }

    /// <summary>The batch in which it was made, which is its <c>webhook-id</c>; null for a request of its own.</summary>
    public string? BatchId { get; init; }

    /// <summary>REPLICA_NAME of the replica that made it, or the name of its machine; null with SQLite, or copied from it.</summary>
    public string? Replica { get; init; }
}
