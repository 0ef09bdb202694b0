namespace AspireIntegration.Client.Operating;

/// <summary>A delivery that was given up.</summary>
public record DeadLetterItem
{
    /// <summary><c>event_id.endpoint_id</c>; the event's place in the store, 32 digits as well, where the event cannot be read.</summary>
    public string DeliveryId { get => field ?? ""; init; }

    /// <summary>32 hexadecimal digits; null, as are all members of the event, when the event cannot be read.</summary>
    public string? EventId { get; init; }

    /// <summary>The endpoint.</summary>
    public string EndpointId { get => field ?? ""; init; }

    /// <summary>The correlation id of the event.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>As received.</summary>
    public string? Source { get; init; }

    /// <summary>As received.</summary>
    public string? EventType { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</summary>
    public Priority? Priority { get; init; }

    /// <summary>The time at which the event was accepted; UTC.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary><c>resting</c>, <c>queued</c>, <c>discarded</c>, <c>handed_over</c>, <c>erased</c> or <c>expired</c>.</summary>
    public DeadLetterState State { get; init; }

    /// <summary>The reason for which the last attempt failed.</summary>
    public string Reason { get => field ?? ""; init; }

    /// <summary>The number of times it was given up.</summary>
    public int Failures { get; init; }

    /// <summary>The number of attempts.</summary>
    public int AttemptCount { get; init; }

    /// <summary>The time at which it was given up first; UTC.</summary>
    public DateTimeOffset FirstDeadAt { get; init; }

    /// <summary>The time at which it was given up last; UTC.</summary>
    public DateTimeOffset DeadAt { get; init; }

    /// <summary>The time of its next attempt; UTC, null when it waits for an operator, is queued or discarded.</summary>
    public DateTimeOffset? NextRetryAt { get; init; }

    /// <summary>The endpoint that gets the event instead; null when it was not handed over.</summary>
    public string? HandedTo { get; init; }

    /// <summary>The operator who discarded it.</summary>
    public string? DiscardedBy { get; init; }

    /// <summary>The time of the discarding; UTC.</summary>
    public DateTimeOffset? DiscardedAt { get; init; }
}

/// <summary>A dead letter and its attempts.</summary>
public sealed record DeadLetterDetail : DeadLetterItem
{
    /// <summary>Every attempt, oldest first; the newest 1,000 when there were more.</summary>
    public IReadOnlyList<AttemptItem> Attempts { get => field ?? []; init; }
}

/// <summary>The number of dead letters that match, in all and by endpoint and reason.</summary>
public sealed record DeadLetterCounts
{
    /// <summary>The sum of all items.</summary>
    public long Total { get; init; }

    /// <summary>One for each endpoint and reason, the most first.</summary>
    public IReadOnlyList<DeadLetterCount> Items { get => field ?? []; init; }

    /// <summary>True when there are more dead letters than a count looks at: only the newest are counted, in each item too.</summary>
    public bool TotalIsLowerBound { get; init; }
}

/// <summary>The number of dead letters of an endpoint for one reason.</summary>
public sealed record DeadLetterCount
{
    /// <summary>The endpoint.</summary>
    public string EndpointId { get => field ?? ""; init; }

    /// <summary>The reason for which the last attempt failed.</summary>
    public string Reason { get => field ?? ""; init; }

    /// <summary>Their number.</summary>
    public long Count { get; init; }
}
