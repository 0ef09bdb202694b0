namespace Middleware.Events;

/// <summary>The decision that a try makes for a delivery.</summary>
internal enum OutcomeKind
{
    Delivered,

    /// <summary>It stays pending: another try of the fast tier follows.</summary>
    Pending,

    /// <summary>The fast tier gives it up.</summary>
    DeadLetter,
}

/// <summary>The outcome of one delivery, which the store records with its try.</summary>
internal readonly record struct DeliveryOutcome
{
    public static readonly DeliveryOutcome Delivered = new() { Kind = OutcomeKind.Delivered };

    public required OutcomeKind Kind { get; init; }

    /// <summary>Of a pending one: how many tries of the fast tier are spent.</summary>
    public int Tries { get; init; }

    /// <summary>When the next try may start: of a pending one null for at once, of a dead letter null for never by itself.</summary>
    public DateTimeOffset? NextTryAt { get; init; }

    /// <summary>The endpoint that gets the event of a dead letter instead; null for none.</summary>
    public EndpointId? HandedTo { get; init; }

    /// <summary>A delivery that stays pending.</summary>
    public static DeliveryOutcome Pending(int tries, DateTimeOffset? nextTryAt) => new() { Kind = OutcomeKind.Pending, Tries = tries, NextTryAt = nextTryAt };

    /// <summary>A dead letter that waits for an operator.</summary>
    public static DeliveryOutcome DeadLetter() => new() { Kind = OutcomeKind.DeadLetter };
}
