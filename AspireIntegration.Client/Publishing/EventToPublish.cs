using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace AspireIntegration.Client.Publishing;

/// <summary>An event as it is sent.</summary>
public sealed record EventToPublish
{
    /// <summary>The system it comes from, of 1 to 256 characters. <c>aspire-integration</c>, the platform's own name, is refused.</summary>
    public required string Source { get; init; }

    /// <summary>The kind of the event, of 1 to 256 characters.</summary>
    public required string EventType { get; init; }

    /// <summary>
    /// The severity, in any case, which decides the priority. <c>critical</c>, <c>fatal</c> and <c>emergency</c> are critical, <c>high</c> and
    /// <c>error</c> high. <c>medium</c>, <c>warning</c> and <c>warn</c> are medium, and any other is low.
    /// </summary>
    public required string Severity { get; init; }

    /// <summary>A text for people, of 1 to 65,536 characters.</summary>
    public required string Message { get; init; }

    /// <summary>Anything else, which receivers get as it is.</summary>
    public JsonObject? Metadata { get; init; }

    /// <summary>The time from its acceptance, 1 ms to 30 days, from which on it is not sent any more; for ever by default.</summary>
    public TimeSpan? ExpiresIn { get; init; }

    /// <summary>
    /// The key by which the service knows the event again, of 1 to 255 visible ASCII characters. Without one, each event has one of its own,
    /// which is the same at each retry. The buffer sends batches, which have keys of their own: there it must be null.
    /// </summary>
    [JsonIgnore]
    public string? IdempotencyKey { get; init; }

    /// <summary>The correlation id, of 1 to 128 of <c>A-Za-z0-9._-</c>; the service makes one by default. In the buffer it must be null.</summary>
    [JsonIgnore]
    public string? CorrelationId { get; init; }
}
