namespace Middleware.Events;

/// <summary>The decision of an attempt for a delivery.</summary>
internal enum OutcomeKind
{
    Delivered,

    /// <summary>It stays pending: another attempt of the fast tier follows.</summary>
    Pending,

    /// <summary>The fast tier gives it up.</summary>
    DeadLetter,

    /// <summary>Its deadline is past: it is not sent any more.</summary>
    Expired,

    /// <summary>Another attempt of the fast tier follows, and its key waits for it.</summary>
    Held,
}

/// <summary>The outcome of one delivery, which the store records with its attempt.</summary>
internal readonly record struct DeliveryOutcome
{
    public static readonly DeliveryOutcome Delivered = new() { Kind = OutcomeKind.Delivered };

    public static readonly DeliveryOutcome Expired = new() { Kind = OutcomeKind.Expired };

    public required OutcomeKind Kind { get; init; }

    /// <summary>The spent attempts of the fast tier, of a pending or held delivery.</summary>
    public int Tries { get; init; }

    /// <summary>The time of the next attempt. Null means at once for a pending or held delivery, never by itself for a dead letter.</summary>
    public DateTimeOffset? NextTryAt { get; init; }

    /// <summary>The endpoint that gets the event of a dead letter instead; null for none.</summary>
    public EndpointId? HandedTo { get; init; }

    /// <summary>True for a dead letter whose key waits until it is delivered or discarded.</summary>
    public bool Blocks { get; init; }

    /// <summary>A delivery whose key waits until its next attempt.</summary>
    public static DeliveryOutcome Held(int tries, DateTimeOffset? nextTryAt) => new() { Kind = OutcomeKind.Held, Tries = tries, NextTryAt = nextTryAt };

    /// <summary>A delivery that stays pending.</summary>
    public static DeliveryOutcome Pending(int tries, DateTimeOffset? nextTryAt) => new() { Kind = OutcomeKind.Pending, Tries = tries, NextTryAt = nextTryAt };

    /// <summary>A dead letter that waits for an operator.</summary>
    public static DeliveryOutcome DeadLetter() => new() { Kind = OutcomeKind.DeadLetter };
}
