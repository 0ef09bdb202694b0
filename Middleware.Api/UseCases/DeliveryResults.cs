using Middleware.Domain;
using ServiceDefaults.Logging;

namespace Middleware.UseCases;

/// <summary>Decides what follows when the tries of a delivery are over, and tells of it.</summary>
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

    /// <summary>Told of a delivery that is a dead letter from now on, and was none before: returns at once and does not throw.</summary>
    public event Action<Delivery, Attempt>? GivenUp;

    /// <summary>Plans the next try of what failed and may pass by itself; when there is none, another endpoint may be to hear of it.</summary>
    public DeliveryOutcome Decide(Delivery delivery, WebhookEndpoint endpoint, DeliveryOutcome outcome)
    {
        if (outcome.IsDelivered || !FailureReason.MayPass(outcome.Last))
        {
            return outcome;
        }

        var next = endpoint.Redelivery.Next(delivery.Failures, _clock.GetUtcNow(), _randomness(), outcome.Last.RetryAfter);
        return outcome with { NextRetryAt = next, HandedTo = next is null ? endpoint.FallbackId : null };
    }

    /// <summary>Counts a worker as busy until what it gets is disposed of.</summary>
    public EndpointMeter.UnderWay Begin(EndpointId endpoint) => _metrics.Begin(endpoint);

    /// <summary>Counts the tries of a request.</summary>
    public void Tried(EndpointId endpoint, DeliveryOutcome outcome) => _metrics.Attempted(endpoint, outcome);

    /// <summary>Tells what a delivery came to, when it is recorded.</summary>
    public void Tell(Delivery delivery, DeliveryOutcome outcome)
    {
        var delivered = delivery.Event;
        var last = outcome.Last;
        if (!outcome.IsDelivered)
        {
            _metrics.GivenUp(delivery.EndpointId, last.Reason!);
            Failed(delivered.CorrelationId, delivered.IdText, delivery.EndpointId.Value, last.Number, last.Reason!, last.StatusCode, last.Error, outcome.NextRetryAt);
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
