using System.Text.Json.Serialization;

namespace Middleware.Events;

/// <summary>A replay of one event.</summary>
/// <param name="Id">The id, which receivers get as <c>X-Replay-Id</c>.</param>
/// <param name="EventId">The event, or its place in the store.</param>
/// <param name="Deliveries">The result for each endpoint.</param>
internal sealed record EventReplay(
    [property: JsonPropertyName("replay_id")] string Id, [property: JsonIgnore] Guid EventId, [property: JsonPropertyOrder(1)] IReadOnlyList<ReplayedDelivery> Deliveries)
{
    /// <summary>The id of the event, unchanged as is the <c>webhook-id</c>; null when the event cannot be read.</summary>
    [JsonPropertyName("event_id")]
    public Guid? Event => DeliveryId.ReadableIn(EventId);

    /// <summary>True when the event was erased: there is nothing to deliver.</summary>
    [JsonIgnore]
    public bool IsErased { get; init; }

    [JsonIgnore]
    public int Queued => Deliveries.Count(static delivery => delivery.Result == ReplayResult.Queued);
}

/// <summary>The result of a replay for one endpoint.</summary>
/// <param name="Id"><c>event_id.endpoint_id</c>.</param>
/// <param name="Result"><c>queued</c>, <c>already_pending</c> or <c>endpoint_gone</c>.</param>
internal readonly record struct ReplayedDelivery([property: JsonPropertyName("delivery_id")] DeliveryId Id, [property: JsonPropertyOrder(1)] ReplayResult Result)
{
    /// <summary>The endpoint.</summary>
    [JsonPropertyName("endpoint_id")]
    public EndpointId Endpoint => Id.Endpoint;
}

/// <summary>The result of a replay for one endpoint.</summary>
internal enum ReplayResult
{
    /// <summary>It is pending again.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>It was pending already: it is delivered once.</summary>
    [JsonStringEnumMemberName("already_pending")]
    AlreadyPending,

    /// <summary>The endpoint is not registered any more.</summary>
    [JsonStringEnumMemberName("endpoint_gone")]
    EndpointGone,
}
