using Middleware.Endpoints;
using Middleware.Events;
using ServiceDefaults;

namespace Middleware.DeadLetters;

/// <summary>Replays a dead letter now, whatever its schedule says.</summary>
internal sealed partial class ReplayDeadLetter(
    IDeadLetterStore deadLetters, EndpointRegistry endpoints, TimeProvider clock, ILogger<ReplayDeadLetter> logger)
{
    /// <summary>The change is not done when the endpoint is gone, or the dead letter does not rest.</summary>
    public async Task<(string ReplayId, DeadLetterChange Change)> ExecuteAsync(DeliveryId id, Actor by, CancellationToken cancellationToken)
    {
        var replayId = Ids.Create(clock.GetUtcNow()).ToString("n");
        if (endpoints.Find(id.Endpoint) is null)
        {
            return (replayId, new DeadLetterChange(IsDone: false, await deadLetters.FindDeadLetterAsync(id, cancellationToken)));
        }

        var change = await deadLetters.ReplayAsync(id, replayId, by, cancellationToken);
        if (change is { IsDone: true, DeadLetter: { } replayed })
        {
            Replayed(replayed.CorrelationId, id.EventId.ToString("n"), id.Endpoint.Value, replayId);
        }

        return (replayId, change);
    }

    [LoggerMessage(LogLevel.Information, "dead letter replayed")]
    private partial void Replayed(string? correlationId, string eventId, string endpoint, string replayId);
}
