namespace Middleware.Domain;

/// <summary>What the fast tier came to: the tries in order, the last of which decides.</summary>
internal sealed record DeliveryOutcome(IReadOnlyList<Attempt> Attempts)
{
    public Attempt Last => Attempts[^1];

    public bool IsDelivered => Last.Reason is null;

    /// <summary>When a dead letter is tried again by itself; null for a delivered one, and for one that waits for an operator.</summary>
    public DateTimeOffset? NextRetryAt { get; init; }

    /// <summary>The endpoint that is to hear of it instead; null for none.</summary>
    public EndpointId? HandedTo { get; init; }
}
