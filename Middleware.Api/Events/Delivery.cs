namespace Middleware.Events;

/// <summary>One event owed to one endpoint.</summary>
internal sealed record Delivery
{
    /// <summary>Its place in the lane: order is by it, never by a clock. It is that of the event, unless it is a retry or a replay.</summary>
    public required long Sequence { get; init; }

    /// <summary>The event's place in the store.</summary>
    public required long EventSequence { get; init; }

    public required IntegrationEvent Event { get; init; }

    public required EndpointId EndpointId { get; init; }

    /// <summary>
    /// That of the event, <see cref="Priority.Ordered"/> in order by key, or <see cref="Priority.Background"/> for a retry or a replay.
    /// </summary>
    public required Priority Priority { get; init; }

    /// <summary>The hash of its key: deliveries of one key go one after the other. Null for one that is in no order.</summary>
    public long? Key { get; init; }

    /// <summary>The shard whose lane has it; null where its endpoint has one lane.</summary>
    public int? Shard { get; init; }

    /// <summary>True for one that waits behind a failure of its key, apart from the others; its sequence is that of the event then.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The number of attempts so far, over all restarts; the next attempt's number is one more.</summary>
    public int AttemptsBefore { get; init; }

    /// <summary>The spent attempts of the fast tier. A circuit's probes spend none.</summary>
    public int Tries { get; init; }

    /// <summary>The time of its next attempt; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The times it became a dead letter before: the place in the endpoint's redelivery schedule.</summary>
    public int Failures { get; init; }

    /// <summary>The replay that asked for it; null for none.</summary>
    public string? ReplayId { get; init; }

    /// <summary>False for a repeated or held delivery, a replay and one that ended: they go alone.</summary>
    public bool MayJoinBatch => Priority != Priority.Background && AttemptsBefore == 0 && !IsErased && !IsHeld;

    /// <summary>True when it ended while it was held, because its event was erased or it expired: it is sent no more.</summary>
    public bool IsErased => Event.Payload.IsEmpty;

    /// <summary>Its approximate memory, in bytes.</summary>
    public int HeldBytes => Event.HeldBytes;

    /// <summary>The delivery without its body.</summary>
    public Delivery WithoutBody() => this with { Event = Event with { Payload = default } };

    /// <summary>A delivery of an event that was just accepted.</summary>
    public static Delivery Of(IntegrationEvent accepted, long sequence, EndpointId endpoint, long? key = null) => new()
    {
        Sequence = sequence,
        EventSequence = sequence,
        Event = accepted,
        EndpointId = endpoint,
        Priority = key is null ? accepted.Priority : Priority.Ordered,
        Key = key,
    };
}
