namespace Middleware.Events;

/// <summary>One event owed to one endpoint.</summary>
internal sealed record Delivery
{
    /// <summary>Its place in the lane: order is by it, never by a clock. That of the event, unless it is a retry or a replay.</summary>
    public required long Sequence { get; init; }

    /// <summary>The event's place in the store.</summary>
    public required long EventSequence { get; init; }

    public required IntegrationEvent Event { get; init; }

    public required EndpointId EndpointId { get; init; }

    /// <summary>That of the event, or <see cref="Priority.Background"/> for a retry or a replay.</summary>
    public required Priority Priority { get; init; }

    /// <summary>The number of attempts so far, over all restarts; the next attempt's number is one more.</summary>
    public int AttemptsBefore { get; init; }

    /// <summary>The tries of the fast tier that it has spent. A circuit's probes are attempts and spend none.</summary>
    public int Tries { get; init; }

    /// <summary>When its next try may start; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>How often it was a dead letter before this time: the place in the endpoint's redelivery schedule.</summary>
    public int Failures { get; init; }

    /// <summary>The replay that asked for it; null for none.</summary>
    public string? ReplayId { get; init; }

    /// <summary>False for what was tried before or is replayed: it goes alone.</summary>
    public bool MayJoinBatch => Priority != Priority.Background && AttemptsBefore == 0;

    /// <summary>Its memory, about, in bytes.</summary>
    public int HeldBytes => Event.HeldBytes;

    /// <summary>A delivery of an event that was just accepted.</summary>
    public static Delivery Of(IntegrationEvent accepted, long sequence, EndpointId endpoint) => new()
    {
        Sequence = sequence,
        EventSequence = sequence,
        Event = accepted,
        EndpointId = endpoint,
        Priority = accepted.Priority,
    };
}
