using System.Diagnostics;
using Middleware.Domain;
using ServiceDefaults.Logging;

namespace Middleware.UseCases;

/// <summary>Delivers one event to one endpoint and has the store record what came of it.</summary>
internal sealed partial class DeliverEvent : IDisposable
{
    private readonly IEventStore _store;
    private readonly IDeliveryClient _client;
    private readonly EndpointRegistry _endpoints;
    private readonly MiddlewareMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<DeliverEvent> _logger;
    private readonly Func<double> _randomness;
    private readonly LogCap _deliveredLines;

    public DeliverEvent(
        IEventStore store,
        IDeliveryClient client,
        EndpointRegistry endpoints,
        MiddlewareMetrics metrics,
        TimeProvider clock,
        Func<double> randomness,
        ILogger<DeliverEvent> logger)
    {
        _randomness = randomness;
        _store = store;
        _client = client;
        _endpoints = endpoints;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _deliveredLines = new LogCap(clock, DeliveredLinesLeftOut);
    }

    /// <summary>Returns when the store has the outcome in hand; when the stop left it open there is none and the delivery stays pending. What a cancelled replay asked for is let go.</summary>
    public async Task ExecuteAsync(Delivery delivery, StopSignals stop)
    {
        if (_endpoints.Find(delivery.EndpointId) is not { } endpoint)
        {
            // It was removed after a worker took this; the store has decided what becomes of what waited for it.
            return;
        }

        if (delivery.ReplayId is not null && !await _store.TryBeginAsync(delivery, stop.NoNewTries))
        {
            return;
        }

        using var activity = StartActivity(delivery);
        var outcome = await _client.SendAsync(delivery, endpoint, stop);
        if (!outcome.IsDelivered && FailureReason.MayPass(outcome.Last))
        {
            var next = endpoint.Redelivery.Next(delivery.Failures, _clock.GetUtcNow(), _randomness(), outcome.Last.RetryAfter);
            outcome = outcome with { NextRetryAt = next };
        }

        await _store.RecordAsync(delivery, outcome, stop.GiveUp);

        activity?.SetStatus(outcome.IsDelivered ? ActivityStatusCode.Ok : ActivityStatusCode.Error, outcome.Last.Reason);
        Tell(delivery, outcome);
    }

    public void Dispose() => _deliveredLines.Dispose();

    private void Tell(Delivery delivery, DeliveryOutcome outcome)
    {
        var delivered = delivery.Event;
        var last = outcome.Last;
        _metrics.Attempted(delivery.EndpointId, outcome);

        if (!outcome.IsDelivered)
        {
            Failed(delivered.CorrelationId, delivered.IdText, delivery.EndpointId.Value, last.Number, last.Reason!, last.StatusCode, last.Error, outcome.NextRetryAt);
            return;
        }

        var latency = _clock.GetUtcNow() - delivered.AcceptedAt;
        _metrics.Delivered(delivery.EndpointId, latency);
        if (_logger.IsEnabled(LogLevel.Information) && _deliveredLines.Allows())
        {
            Delivered(delivered.CorrelationId, delivered.IdText, delivery.EndpointId.Value, last.Number, last.StatusCode!.Value, latency.TotalMilliseconds);
        }
    }

    private static Activity? StartActivity(Delivery delivery)
    {
        if (!MiddlewareMetrics.Activities.HasListeners())
        {
            return null;
        }

        ActivityContext.TryParse(delivery.Event.TraceParent, null, isRemote: true, out var parent);
        var activity = MiddlewareMetrics.Activities.StartActivity("deliver", ActivityKind.Producer, parent);
        activity?.SetTag("integration.correlation_id", delivery.Event.CorrelationId);
        activity?.SetTag("integration.event_id", delivery.Event.IdText);
        activity?.SetTag("integration.endpoint", delivery.EndpointId.Value);
        return activity;
    }

    [LoggerMessage(LogLevel.Information, "event delivered")]
    private partial void Delivered(string correlationId, string eventId, string endpoint, int attempts, int statusCode, double latencyMs);

    [LoggerMessage(LogLevel.Information, "event delivered: {LeftOut} more in the last second")]
    private partial void DeliveredLinesLeftOut(int leftOut);

    [LoggerMessage(LogLevel.Error, "failed to send event")]
    private partial void Failed(string correlationId, string eventId, string endpoint, int attempts, string reason, int? statusCode, string? error, DateTimeOffset? nextRetryAt);
}
