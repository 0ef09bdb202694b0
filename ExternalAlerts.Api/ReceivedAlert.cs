using System.Text.Json.Serialization;

namespace ExternalAlerts;

/// <summary>
/// An alert as it was received, with facts of its receipt. <c>event_id</c> is null when the alert bears none, <c>attempt</c> when the request had no
/// <c>X-Delivery-Attempt</c>.
/// </summary>
public sealed record ReceivedAlert
{
    private const int FieldBytes = 64;

    /// <summary>The time at which the request arrived, UTC.</summary>
    public required DateTime ReceivedAt { get; init; }

    /// <summary>The correlation id that was logged with the alert.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>The alert's <c>event_id</c>; a CloudEvent's <c>id</c>.</summary>
    public required string? EventId { get; init; }

    /// <summary>The sender's count of attempts, from 1.</summary>
    public required int? Attempt { get; init; }

    /// <summary>Headers of the request that a sender's tests may want to see.</summary>
    public required ReceivedHeaders Headers { get; init; }

    /// <summary>The alert's JSON, byte for byte.</summary>
    [JsonConverter(typeof(RawJson))]
    public required ReadOnlyMemory<byte> Alert { get; init; }

    /// <summary>Its <see cref="Cost"/>, with headers that the others of its batch may share.</summary>
    [JsonIgnore]
    internal int Weight => Cost.Of(FieldBytes) + Cost.Of(Alert.Length) + Cost.Of(EventId) + Cost.Of(CorrelationId) + Headers.Weight;
}
