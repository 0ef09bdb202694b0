using Middleware.Events;
using Middleware.Telemetry;
using ServiceDefaults.Logging;

namespace Middleware.Accepting;

/// <summary>Accepts received events: routes each to the endpoints that match and has the store keep it.</summary>
internal sealed partial class AcceptEvent : IDisposable
{
    private readonly IAcceptStore _store;
    private readonly RouteEvent _route;
    private readonly MiddlewareMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<AcceptEvent> _logger;
    private readonly LogCap _acceptedLines;

    public AcceptEvent(IAcceptStore store, RouteEvent route, MiddlewareMetrics metrics, TimeProvider clock, ILogger<AcceptEvent> logger)
    {
        _store = store;
        _route = route;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _acceptedLines = new LogCap(clock, AcceptedLinesLeftOut);
    }

    /// <summary>True when routing may be more work than a thread that waits for sockets bears.</summary>
    public bool HasFilters => _route.HasFilters;

    /// <summary>
    /// Accepts one event with a new id and the current time. Completes when the event is kept or refused. The received members are read before this
    /// returns. Runs on a thread that waits for sockets.
    /// </summary>
    public ValueTask<AcceptResult> ExecuteAsync(
        in ReceivedEvent received, string correlationId, string? traceParent, IdempotencyClaim? claim, CancellationToken cancellationToken) =>
        ExecuteAsync(received.ToEvent(_clock.GetUtcNow(), correlationId, traceParent), claim, cancellationToken);

    /// <summary>Makes an event of the received members and routes it, on a thread that serves no sockets.</summary>
    public RoutedEvent Route(in ReceivedEvent received, string correlationId, string? traceParent, int place = 0)
    {
        var created = received.ToEvent(_clock.GetUtcNow(), correlationId, traceParent);
        var endpoints = _route.Execute(created);
        return new RoutedEvent(created, endpoints, place) { Keys = _route.KeysOf(created, endpoints) };
    }

    /// <summary>Keeps the events of one request and their deliveries.</summary>
    public async ValueTask<AcceptResult> ExecuteAsync(
        IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim, CancellationToken cancellationToken)
    {
        using var commit = AcceptTraces.StartCommit();
        AcceptResult result;
        try
        {
            result = await _store.AcceptAsync(events, claim, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _metrics.Rejected(exception is StoreUnavailableException ? RejectReason.StoreUnavailable : RejectReason.Error, Math.Max(1, events.Count));
            AcceptTraces.NotCommitted(commit, exception);
            throw;
        }

        AcceptTraces.Committed(commit, events, result);
        Note(events, result);
        return result;
    }

    public void Dispose() => _acceptedLines.Dispose();

    private async ValueTask<AcceptResult> ExecuteAsync(IntegrationEvent created, IdempotencyClaim? claim, CancellationToken cancellationToken)
    {
        var endpoints = await _route.ExecuteAsync(created);
        return await ExecuteAsync([new RoutedEvent(created, endpoints) { Keys = await _route.KeysOfAsync(created, endpoints) }], claim, cancellationToken);
    }

    private void Note(IReadOnlyList<RoutedEvent> events, AcceptResult result)
    {
        if (result.Kind is AcceptKind.KeyReused or AcceptKind.Busy)
        {
            _metrics.Rejected(result.Kind == AcceptKind.Busy ? RejectReason.StoreBusy : RejectReason.KeyReused, Math.Max(1, events.Count));
        }
        else if (result.Kind == AcceptKind.Judged)
        {
            for (var index = 0; index < events.Count; index++)
            {
                Note(events[index], result.Events[index]);
            }
        }
    }

    private void Note(RoutedEvent routed, EventResult result)
    {
        if (!result.IsAccepted)
        {
            _metrics.Rejected(result.Outcome == AcceptOutcome.QueueFull ? RejectReason.QueueFull : RejectReason.StoreUnavailable);
            return;
        }

        if (result.IsKeptBefore)
        {
            // It was counted when it was kept.
            return;
        }

        _metrics.Accepted();
        if (_logger.IsEnabled(LogLevel.Information) && _acceptedLines.Allows())
        {
            var (accepted, endpoints) = (routed.Event, routed.Endpoints.Length);
            Accepted(accepted.CorrelationId, accepted.IdText, accepted.Source, accepted.EventType, accepted.Priority.Name(), endpoints);
        }
    }

    [LoggerMessage(LogLevel.Information, "event accepted")]
    private partial void Accepted(string correlationId, string eventId, string source, string eventType, string priority, int endpoints);

    [LoggerMessage(LogLevel.Information, "event accepted: more in the last second")]
    private partial void AcceptedLinesLeftOut(int leftOut);
}
