using System.Collections.Immutable;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>An event and the endpoints that must hear of it; the store notes what became of it.</summary>
internal sealed class RoutedEvent(IntegrationEvent received, ImmutableArray<WebhookEndpoint> endpoints)
{
    public IntegrationEvent Event => received;

    /// <summary>Empty when none matches.</summary>
    public ImmutableArray<WebhookEndpoint> Endpoints => endpoints;

    /// <summary>Its place among the events of its request.</summary>
    public int Place { get; set; }

    /// <summary>Set by the store, before it answers.</summary>
    public AcceptOutcome Outcome { get; set; }

    /// <summary>
    /// The event as the same request, by its idempotency key, kept it before it was cut off; null when it did not. Set by the store.
    /// </summary>
    public KeptEvent? KeptBefore { get; set; }

    /// <summary>The id it is kept with.</summary>
    public Guid Id => KeptBefore?.Id ?? received.Id;

    /// <summary>The correlation id it is kept with.</summary>
    public string CorrelationId => KeptBefore?.CorrelationId ?? received.CorrelationId;
}

/// <summary>An event as an earlier request had it kept.</summary>
internal sealed record KeptEvent(Guid Id, string CorrelationId);

/// <summary>What became of an event that was handed to the store.</summary>
internal enum AcceptOutcome
{
    /// <summary>It is kept and owed to at least one endpoint, or recorded as matched by none.</summary>
    Accepted,

    /// <summary>Every endpoint it matches is full and rejects; nothing was kept.</summary>
    QueueFull,

    /// <summary>The store failed after other events of the same request had been kept; nothing was kept of this one.</summary>
    StoreUnavailable,
}

/// <summary>
/// An idempotency key as one request bears it: the same key on the same route with the same body is answered as the first time, for
/// <see cref="Lifetime"/>.
/// </summary>
/// <param name="Route">Where the request was sent.</param>
/// <param name="Key">1-255 visible ASCII characters.</param>
/// <param name="BodyHash">SHA-256 of the body's bytes.</param>
/// <param name="WriteAnswer">Writes the answer to keep when all outcomes are known; null when it is none to keep.</param>
internal sealed record IdempotencyClaim(string Route, string Key, ReadOnlyMemory<byte> BodyHash, Func<byte[]?> WriteAnswer)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);
}

/// <summary>What became of a request as a whole.</summary>
/// <param name="Kind">Whether its events were looked at.</param>
/// <param name="FirstAnswer">For <see cref="AcceptKind.Replayed"/>, what was answered the first time.</param>
internal readonly record struct AcceptResult(AcceptKind Kind, ReadOnlyMemory<byte> FirstAnswer = default);

/// <summary>Whether the events of a request were looked at.</summary>
internal enum AcceptKind
{
    /// <summary>They were: each says what became of it.</summary>
    Judged,

    /// <summary>The same request was answered before; nothing was kept.</summary>
    Replayed,

    /// <summary>The idempotency key was used with another body; nothing was kept.</summary>
    KeyReused,

    /// <summary>Too much waits to be written; nothing was kept.</summary>
    Busy,
}
