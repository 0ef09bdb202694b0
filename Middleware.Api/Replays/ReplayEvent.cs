using Middleware.Endpoints;
using Middleware.Events;
using Middleware.History;
using ServiceDefaults;

namespace Middleware.Replays;

/// <summary>Delivers an event again, to all endpoints that matched or to one. It keeps its id; the replay has one of its own.</summary>
internal sealed partial class ReplayEvent(IEventHistory history, EndpointRegistry endpoints, TimeProvider clock, ILogger<ReplayEvent> logger)
{
    /// <summary>Null when the event is not known.</summary>
    public async Task<EventReplay?> ExecuteAsync(Guid eventId, ReplayTarget? only, Actor by, CancellationToken cancellationToken)
    {
        var replayId = Ids.Create(clock.GetUtcNow()).ToString("n");
        var deliveries = await history.ReplayAsync(eventId, only, replayId, id => endpoints.Find(id) is not null, by, cancellationToken);
        if (deliveries is null)
        {
            return null;
        }

        var replay = new EventReplay(replayId, eventId, deliveries);
        var replayed = await history.FindEventAsync(eventId, cancellationToken);
        if (replay.Queued > 0)
        {
            Replayed(replayed?.CorrelationId, eventId.ToString("n"), replayId, replay.Queued);
        }

        return replay with { IsErased = replayed?.Status == EventStatus.Erased };
    }

    [LoggerMessage(LogLevel.Information, "event replayed")]
    private partial void Replayed(string? correlationId, string eventId, string replayId, int deliveries);
}
