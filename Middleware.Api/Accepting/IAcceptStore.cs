using System.Collections.Immutable;
using System.Security.Cryptography;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Http;

namespace Middleware.Accepting;

/// <summary>Keeps the events of requests.</summary>
internal interface IAcceptStore
{
    /// <summary>
    /// Commits the events of one request, each with a pending delivery for each of its endpoints. Completes when they are safe. An event whose
    /// endpoints are all full and reject is not kept. Cancelling stops nothing that was handed over. May throw
    /// <see cref="StoreUnavailableException"/>.
    /// </summary>
    ValueTask<AcceptResult> AcceptAsync(IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim, CancellationToken cancellationToken);
}

/// <summary>An event and the endpoints that it goes to, if any.</summary>
/// <param name="Event">The event, with the id that it is kept with.</param>
/// <param name="Endpoints">Empty when none matches.</param>
/// <param name="Place">The place among the events of its request, from 0.</param>
internal sealed record RoutedEvent(IntegrationEvent Event, ImmutableArray<WebhookEndpoint> Endpoints, int Place = 0)
{
    /// <summary>The hash of its key at each endpoint, null at one without an order by key; the default array for none at all.</summary>
    public ImmutableArray<long?> Keys { get; init; }

    /// <summary>The hash of its key at an endpoint, by the place of that; null for none.</summary>
    public long? KeyAt(int endpoint) => Keys.IsDefault ? null : Keys[endpoint];
}

/// <summary>An idempotency key of one request. The same key of the same caller on the same route with the same body gets the first answer again.</summary>
/// <param name="Route">The route of the request, and behind it the caller where a credential is asked for.</param>
/// <param name="Key">1-255 visible ASCII characters.</param>
/// <param name="BodyHash">SHA-256 of the body's bytes.</param>
internal sealed record IdempotencyClaim(string Route, string Key, ReadOnlyMemory<byte> BodyHash)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Null for a request without a key.</summary>
    public static IdempotencyClaim? Of(string route, Caller caller, string? key, ReadOnlySpan<byte> body) =>
        key is null ? null : new(caller == Caller.Anonymous ? route : $"{route} {caller.Name}", key, SHA256.HashData(body));
}

/// <summary>The result of a request.</summary>
/// <param name="Kind">The end of the request.</param>
/// <param name="Events">The results of the events that were judged, now or the first time. Some of the first time may be missing.</param>
internal readonly record struct AcceptResult(AcceptKind Kind, IReadOnlyList<EventResult> Events)
{
    public AcceptResult(AcceptKind kind)
        : this(kind, [])
    {
    }
}

/// <summary>The end of a request.</summary>
internal enum AcceptKind
{
    /// <summary>Its events were judged.</summary>
    Judged,

    /// <summary>The same request was answered before; nothing was kept.</summary>
    Replayed,

    /// <summary>The idempotency key was used with another body; nothing was kept.</summary>
    KeyReused,

    /// <summary>Too many events wait to be written; nothing was kept.</summary>
    Busy,
}

/// <summary>The result of an event.</summary>
/// <param name="Place">The place among the events of its request, from 0.</param>
/// <param name="Outcome">The end of the event.</param>
/// <param name="Id">The id that it is kept with.</param>
/// <param name="CorrelationId">The correlation id that it is kept with.</param>
/// <param name="IsKeptBefore">True when the same request, by its idempotency key, kept it before it was cut off.</param>
internal readonly record struct EventResult(int Place, AcceptOutcome Outcome, Guid Id, string CorrelationId, bool IsKeptBefore = false)
{
    public bool IsAccepted => Outcome == AcceptOutcome.Accepted;

    public static EventResult Of(RoutedEvent routed, AcceptOutcome outcome) => new(routed.Place, outcome, routed.Event.Id, routed.Event.CorrelationId);
}

/// <summary>The end of an event that was handed to the store. The numbers are stored.</summary>
internal enum AcceptOutcome
{
    /// <summary>It is kept and owed to at least one endpoint, or recorded as matched by none.</summary>
    Accepted = 0,

    /// <summary>Every endpoint it matches is full and rejects; nothing was kept.</summary>
    QueueFull = 1,

    /// <summary>The store failed after other events of the same request had been kept; nothing was kept of this one.</summary>
    StoreUnavailable = 2,
}
