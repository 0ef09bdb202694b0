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
    private readonly LogCap _expiredLines;

    public DeliveryResults(MiddlewareMetrics metrics, TimeProvider clock, Func<double> randomness, ILogger<DeliveryResults> logger)
    {
        _metrics = metrics;
        _clock = clock;
        _randomness = randomness;
        _logger = logger;
        _deliveredLines = new LogCap(clock, DeliveredLinesLeftOut);
        _expiredLines = new LogCap(clock, ExpiredLinesLeftOut);
    }

    /// <summary>Raised for a delivery that becomes a dead letter for the first time: subscribers return at once and do not throw.</summary>
    public event Action<Delivery, Attempt>? GivenUp;

    /// <summary>
    /// Ends a delivery with its last attempt. The slow tier's next attempt is planned for a failure that may pass by itself. When its schedule is
    /// spent, the endpoint's fallback gets the event. Past the deadline neither follows: the delivery is expired. A replay ignored the deadline, so it is
    /// a dead letter.
    /// </summary>
    public DeliveryOutcome Decide(Delivery delivery, WebhookEndpoint endpoint, Attempt last)
    {
        if (last.IsDelivered)
        {
            return DeliveryOutcome.Delivered;
        }

        var mayPass = FailureReason.MayPass(last);
        var next = mayPass ? endpoint.Redelivery.Next(delivery.Failures, last.EndedAt, _randomness(), last.RetryAfter) : null;
        if (Deadline.IsPast(delivery.Event, endpoint, next ?? last.EndedAt))
        {
            return delivery.ReplayId is null ? DeliveryOutcome.Expired : DeliveryOutcome.DeadLetter() with { Blocks = BlocksForGood(delivery, endpoint) };
        }

        return DeliveryOutcome.DeadLetter() with
        {
            NextTryAt = next,
            HandedTo = mayPass && next is null ? endpoint.FallbackId : null,
            Blocks = next is not null ? delivery.Key is not null : BlocksForGood(delivery, endpoint),
        };
    }

    /// <summary>True when the key of a delivery waits for it although it is not tried again by itself.</summary>
    public static bool BlocksForGood(Delivery delivery, WebhookEndpoint? endpoint) =>
        delivery.Key is not null && endpoint?.Ordering is { OnExhausted: OnExhausted.Block };

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
        if (outcome.Kind == OutcomeKind.Expired)
        {
            Expired(delivery);
            return;
        }

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

    /// <summary>Logs a delivery that ended by its deadline; the store counts it.</summary>
    public void Expired(Delivery delivery) => Expired(delivery.Event.CorrelationId, delivery.Event.Id, delivery.EndpointId);

    /// <inheritdoc cref="Expired(Delivery)"/>
    public void Expired(string correlationId, Guid eventId, EndpointId endpoint)
    {
        if (_logger.IsEnabled(LogLevel.Information) && _expiredLines.Allows())
        {
            NowExpired(correlationId, eventId.ToString("n"), endpoint.Value);
        }
    }

    public void Dispose()
    {
        _deliveredLines.Dispose();
        _expiredLines.Dispose();
    }

    [LoggerMessage(LogLevel.Information, "event delivered")]
    private partial void Delivered(string correlationId, string eventId, string endpoint, int attempts, int statusCode, double latencyMs);

    [LoggerMessage(LogLevel.Information, "event delivered: more in the last second")]
    private partial void DeliveredLinesLeftOut(int leftOut);

    [LoggerMessage(LogLevel.Information, "delivery expired")]
    private partial void NowExpired(string correlationId, string eventId, string endpoint);

    [LoggerMessage(LogLevel.Information, "delivery expired: more in the last second")]
    private partial void ExpiredLinesLeftOut(int leftOut);

    [LoggerMessage(LogLevel.Error, "failed to send event")]
    private partial void Failed(string correlationId, string eventId, string endpoint, int attempts, string reason, int? statusCode, string? error, DateTimeOffset? nextRetryAt);
}
