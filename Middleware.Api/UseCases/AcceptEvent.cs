using Middleware.Domain;
using ServiceDefaults.Logging;

namespace Middleware.UseCases;

/// <summary>Makes an event of what was received, decides who must hear of it and has the store keep it.</summary>
internal sealed partial class AcceptEvent : IDisposable
{
    private readonly IEventStore _store;
    private readonly RouteEvent _route;
    private readonly MiddlewareMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<AcceptEvent> _logger;
    private readonly LogCap _acceptedLines;

    public AcceptEvent(IEventStore store, RouteEvent route, MiddlewareMetrics metrics, TimeProvider clock, ILogger<AcceptEvent> logger)
    {
        _store = store;
        _route = route;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _acceptedLines = new LogCap(clock, AcceptedLinesLeftOut);
    }

    /// <summary>Reads what was received into an event, with a new id and the time of now.</summary>
    public IntegrationEvent Create(in ReceivedEvent received, string correlationId, string? traceParent) =>
        received.ToEvent(_clock.GetUtcNow(), correlationId, traceParent);

    /// <summary>Whether deciding where events go is work, which may be more than a thread that waits for sockets bears.</summary>
    public bool HasFilters => _route.HasFilters;

    /// <summary>Decides which endpoints an event goes to, on a thread that serves no sockets.</summary>
    public RoutedEvent Route(IntegrationEvent received) => new(received, _route.Execute(received));

    /// <summary>The same, on a thread that waits for sockets.</summary>
    public async ValueTask<RoutedEvent> RouteAsync(IntegrationEvent received) => new(received, await _route.ExecuteAsync(received));

    /// <summary>Keeps the events of one request and their deliveries; what each came to stands in it.</summary>
    public async ValueTask<AcceptResult> ExecuteAsync(
        IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim, CancellationToken cancellationToken)
    {
        using var commit = MiddlewareTraces.StartCommit();
        AcceptResult result;
        try
        {
            result = await _store.AcceptAsync(events, claim, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            _metrics.Rejected(exception is StoreUnavailableException ? RejectReason.StoreUnavailable : RejectReason.Error, Math.Max(1, events.Count));
            MiddlewareTraces.NotCommitted(commit, exception);
            throw;
        }

        MiddlewareTraces.Committed(commit, events, result);
        Tell(events, result.Kind);
        return result;
    }

    public void Dispose() => _acceptedLines.Dispose();

    private void Tell(IReadOnlyList<RoutedEvent> events, AcceptKind kind)
    {
        if (kind is AcceptKind.KeyReused or AcceptKind.Busy)
        {
            _metrics.Rejected(kind == AcceptKind.Busy ? RejectReason.StoreBusy : RejectReason.KeyReused, Math.Max(1, events.Count));
        }
        else if (kind == AcceptKind.Judged)
        {
            foreach (var routed in events)
            {
                Tell(routed);
            }
        }
    }

    private void Tell(RoutedEvent routed)
    {
        if (routed.Outcome != AcceptOutcome.Accepted)
        {
            _metrics.Rejected(routed.Outcome == AcceptOutcome.QueueFull ? RejectReason.QueueFull : RejectReason.StoreUnavailable);
            return;
        }

        if (routed.KeptBefore is not null)
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
