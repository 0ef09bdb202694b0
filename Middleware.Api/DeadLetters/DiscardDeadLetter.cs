using Middleware.Events;

namespace Middleware.DeadLetters;

/// <summary>Discards a dead letter in the name of an operator.</summary>
internal sealed partial class DiscardDeadLetter(IDeadLetterStore deadLetters, ILogger<DiscardDeadLetter> logger)
{
    public async Task<DeadLetterChange> ExecuteAsync(DeliveryId id, Actor by, CancellationToken cancellationToken)
    {
        var change = await deadLetters.DiscardAsync(id, by, cancellationToken);
        if (change is { IsDone: true, DeadLetter: { } discarded })
        {
            Discarded(discarded.CorrelationId, id.EventId.ToString("n"), id.Endpoint.Value, discarded.Reason, by.ToString());
        }

        return change;
    }

    [LoggerMessage(LogLevel.Warning, "dead letter discarded")]
    private partial void Discarded(string? correlationId, string eventId, string endpoint, string reason, string discardedBy);
}
