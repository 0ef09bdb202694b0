using Middleware.Domain;
using ServiceDefaults.Logging;

namespace Middleware.UseCases;

/// <summary>Makes an event of what was received, decides who must hear of it and has the store keep it.</summary>
internal sealed partial class AcceptEvent : IDisposable
{
    private readonly IEventStore _store;
    private readonly EndpointRegistry _endpoints;
    private readonly MiddlewareMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<AcceptEvent> _logger;
    private readonly LogCap _acceptedLines;

    public AcceptEvent(IEventStore store, EndpointRegistry endpoints, MiddlewareMetrics metrics, TimeProvider clock, ILogger<AcceptEvent> logger)
    {
        _store = store;
        _endpoints = endpoints;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _acceptedLines = new LogCap(clock, AcceptedLinesLeftOut);
    }

    /// <summary>Reads what was received into an event, with a new id and the time of now.</summary>
    public IntegrationEvent Create(in ReceivedEvent received, string correlationId, string? traceParent)
    {
        var now = _clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var priority = Priorities.FromSeverity(received.Severity);

        return new IntegrationEvent
        {
            Id = id,
            CorrelationId = correlationId,
            Source = received.Source,
            EventType = received.EventType,
            Priority = priority,
            AcceptedAt = now,
            TraceParent = traceParent,
            Payload = EventPayload.Write(id, correlationId, priority, now, received.Raw),
        };
    }

    /// <summary>Keeps the event and its deliveries; when it answers <see cref="AcceptOutcome.Accepted"/>, they are safe.</summary>
    public async ValueTask<AcceptOutcome> ExecuteAsync(IntegrationEvent received, CancellationToken cancellationToken)
    {
        var endpoints = _endpoints.Matching(received);
        var outcome = await _store.AcceptAsync(received, endpoints, cancellationToken);

        if (outcome == AcceptOutcome.Accepted)
        {
            _metrics.Accepted();
            if (_logger.IsEnabled(LogLevel.Information) && _acceptedLines.Allows())
            {
                Accepted(received.CorrelationId, received.IdText, received.Source, received.EventType, received.Priority.Name(), endpoints.Length);
            }
        }
        else
        {
            _metrics.Rejected("queue_full");
        }

        return outcome;
    }

    public void Dispose() => _acceptedLines.Dispose();

    [LoggerMessage(LogLevel.Information, "event accepted")]
    private partial void Accepted(string correlationId, string eventId, string source, string eventType, string priority, int endpoints);

    [LoggerMessage(LogLevel.Information, "event accepted: {LeftOut} more in the last second")]
    private partial void AcceptedLinesLeftOut(int leftOut);
}
