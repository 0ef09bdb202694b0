using System.Text.Json.Serialization;
using Middleware.Domain;
using ServiceDefaults;

namespace Middleware.UseCases;

/// <summary>Delivers an event again, to all endpoints that matched or to one of them. It keeps its id; the replay has one of its own.</summary>
internal sealed partial class ReplayEvent(IEventHistory history, EndpointRegistry endpoints, TimeProvider clock, ILogger<ReplayEvent> logger)
{
    /// <summary>Null when the event is not known.</summary>
    public async Task<EventReplay?> ExecuteAsync(Guid eventId, EndpointId? endpoint, CancellationToken cancellationToken)
    {
        var replayId = Ids.Create(clock.GetUtcNow()).ToString("n");
        var deliveries = await history.ReplayAsync(eventId, endpoint, replayId, id => endpoints.Find(id) is not null, cancellationToken);
        if (deliveries is null)
        {
            return null;
        }

        var replay = new EventReplay(replayId, eventId, deliveries);
        if (replay.Queued > 0)
        {
            var correlationId = (await history.FindEventAsync(eventId, cancellationToken))?.CorrelationId;
            Replayed(correlationId, eventId.ToString("n"), replayId, replay.Queued);
        }

        return replay;
    }

    [LoggerMessage(LogLevel.Information, "event replayed")]
    private partial void Replayed(string? correlationId, string eventId, string replayId, int deliveries);
}

/// <summary>What is being delivered again.</summary>
/// <param name="Id">Receivers get it as <c>X-Replay-Id</c>.</param>
/// <param name="EventId">The event, or its place in the store.</param>
/// <param name="Deliveries">What it came to for each endpoint.</param>
internal sealed record EventReplay(
    [property: JsonPropertyName("replay_id")] string Id, [property: JsonIgnore] Guid EventId, [property: JsonPropertyOrder(1)] IReadOnlyList<ReplayedDelivery> Deliveries)
{
    /// <summary>Unchanged, as is the <c>webhook-id</c>; null when the event cannot be read.</summary>
    [JsonPropertyName("event_id")]
    public Guid? Event => DeliveryId.ReadableIn(EventId);

    [JsonIgnore]
    public int Queued => Deliveries.Count(static delivery => delivery.Result == ReplayResult.Queued);
}
