using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>An event as lists show it.</summary>
internal sealed record EventSummary
{
    public required Guid Id { get; init; }

    public required string CorrelationId { get; init; }

    public required string Source { get; init; }

    public required string EventType { get; init; }

    public required Priority Priority { get; init; }

    public required EventStatus Status { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>How many endpoints matched.</summary>
    public required int Endpoints { get; init; }
}

/// <summary>All that is known of an event.</summary>
/// <param name="Event">What it is and how it stands.</param>
/// <param name="Payload">The event as receivers get it.</param>
/// <param name="Deliveries">One for each endpoint that matched.</param>
/// <param name="Attempts">Every try, oldest first, at most <see cref="MaxAttempts"/> of the newest.</param>
internal sealed record EventTimeline(
    EventSummary Event, ReadOnlyMemory<byte> Payload, IReadOnlyList<DeliveryState> Deliveries, IReadOnlyList<EndpointAttempt> Attempts)
{
    public const int MaxAttempts = 1_000;
}

/// <summary>How an event stands for one endpoint.</summary>
internal sealed record DeliveryState
{
    public required EndpointId Endpoint { get; init; }

    public required DeliveryStatus Status { get; init; }

    public required int Attempts { get; init; }

    /// <summary>When a try succeeded for the last time.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>The replay that made it pending; null for none.</summary>
    public string? ReplayId { get; init; }

    /// <summary>What is dead of it; null when it was not given up, or delivered since.</summary>
    public DeadLetter? DeadLetter { get; init; }
}

/// <summary>A try and the endpoint it was for.</summary>
internal sealed record EndpointAttempt(EndpointId Endpoint, Attempt Attempt);

/// <summary>A dead letter and its tries, oldest first, at most <see cref="EventTimeline.MaxAttempts"/> of the newest.</summary>
internal sealed record DeadLetterTimeline(DeadLetter DeadLetter, IReadOnlyList<EndpointAttempt> Attempts);
