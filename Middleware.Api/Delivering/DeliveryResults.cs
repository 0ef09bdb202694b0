using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;
using ServiceDefaults.Logging;

namespace Middleware.Delivering;

/// <summary>Decides the outcome of a delivery's last attempt; counts and logs it.</summary>
internal sealed partial class DeliveryResults : IDisposable
{
    private readonly MiddlewareMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly Func<double> _randomness;
    private readonly ILogger<DeliveryResults> _logger;
    private readonly LogCap _deliveredLines;

    public DeliveryResults(MiddlewareMetrics metrics, TimeProvider clock, Func<double> randomness, ILogger<DeliveryResults> logger)
    {
        _metrics = metrics;
        _clock = clock;
        _randomness = randomness;
        _logger = logger;
        _deliveredLines = new LogCap(clock, DeliveredLinesLeftOut);
    }

    /// <summary>Raised for a delivery that becomes a dead letter for the first time: subscribers return at once and do not throw.</summary>
    public event Action<Delivery, Attempt>? GivenUp;

    /// <summary>
    /// Ends a delivery with its last attempt. The slow tier's next attempt is planned for a failure that may pass by itself. When its schedule is
    /// spent, the endpoint's fallback gets the event.
    /// </summary>
    public DeliveryOutcome Decide(Delivery delivery, WebhookEndpoint endpoint, Attempt last)
    {
        if (last.IsDelivered)
        {
            return DeliveryOutcome.Delivered;
        }

        if (!FailureReason.MayPass(last))
        {
            return DeliveryOutcome.DeadLetter();
        }

        var next = endpoint.Redelivery.Next(delivery.Failures, last.EndedAt, _randomness(), last.RetryAfter);
        return DeliveryOutcome.DeadLetter() with { NextTryAt = next, HandedTo = next is null ? endpoint.FallbackId : null };
    }

    /// <summary>
    /// The spent attempts after one that ended while its circuit was open: no more than before. An answer that asks for a later time than the next
    /// probe's spends all, and the slow tier waits for that time. Where the slow tier has no more, this one counts as any other.
    /// </summary>
    public int SpentBySpared(Shipment shipment, WebhookEndpoint endpoint, Attempt last, TimeSpan untilProbe)
    {
        var isPatient = last.RetryAfter > _clock.GetUtcNow() + untilProbe && last.RetryAfter > last.EndedAt + endpoint.Retries.DelayAfter(shipment.Tries);
        return !isPatient ? shipment.Tries
            : shipment.Deliveries.Any(delivery => endpoint.Redelivery.IsSpentAfter(delivery.Failures)) ? shipment.Tries + 1
            : Math.Max(shipment.Tries, endpoint.Retries.MaxRetries) + 1;
    }

    /// <summary>Counts a worker as busy until the result is disposed of.</summary>
    public EndpointMeter.UnderWay Begin(EndpointId endpoint) => _metrics.Begin(endpoint);

    /// <summary>Counts an attempt.</summary>
    public void Tried(EndpointId endpoint, Attempt attempt) => _metrics.Attempted(endpoint, attempt);

    /// <summary>Counts and logs the end of a delivery, when it is recorded.</summary>
    public void Report(Delivery delivery, Attempt last, DeliveryOutcome outcome)
    {
        var delivered = delivery.Event;
        if (outcome.Kind == OutcomeKind.DeadLetter)
        {
            _metrics.GivenUp(delivery.EndpointId, last.Reason!);
            Failed(delivered.CorrelationId, delivered.IdText, delivery.EndpointId.Value, last.Number, last.Reason!, last.StatusCode, last.Error, outcome.NextTryAt);
            if (delivery.Failures == 0)
            {
                GivenUp?.Invoke(delivery, last);
            }

            return;
        }

        var latency = _clock.GetUtcNow() - delivered.AcceptedAt;
        _metrics.Delivered(delivery.EndpointId, latency);
        if (_logger.IsEnabled(LogLevel.Information) && _deliveredLines.Allows())
        {
            Delivered(delivered.CorrelationId, delivered.IdText, delivery.EndpointId.Value, last.Number, last.StatusCode!.Value, latency.TotalMilliseconds);
        }
    }

    public void Dispose() => _deliveredLines.Dispose();

    [LoggerMessage(LogLevel.Information, "event delivered")]
    private partial void Delivered(string correlationId, string eventId, string endpoint, int attempts, int statusCode, double latencyMs);

    [LoggerMessage(LogLevel.Information, "event delivered: more in the last second")]
    private partial void DeliveredLinesLeftOut(int leftOut);

    [LoggerMessage(LogLevel.Error, "failed to send event")]
    private partial void Failed(string correlationId, string eventId, string endpoint, int attempts, string reason, int? statusCode, string? error, DateTimeOffset? nextRetryAt);
}
