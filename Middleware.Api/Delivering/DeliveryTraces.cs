using System.Diagnostics;
using System.Globalization;
using Middleware.Events;
using Middleware.Telemetry;
using ServiceDefaults;

namespace Middleware.Delivering;

/// <summary>The spans of deliveries and their attempts; <see cref="MiddlewareTraces"/> has those of accepting.</summary>
internal static class DeliveryTraces
{
    /// <summary>The outcome of a span that a stop, an opened circuit or a defect broke off.</summary>
    private const string LeftOpen = "left_open";

    /// <summary>Starts the span of a shipment below the one under which its event was accepted, however long ago and in whichever process.</summary>
    public static Activity? StartDeliver(Shipment shipment, TimeProvider clock) =>
        !MiddlewareTraces.AreListenedTo ? null : shipment.BatchId is null ? StartDeliver(shipment.First, clock) : StartDeliverBatch(shipment);

    /// <summary>Notes the decision of a shipment's last attempt; of a batch, for its first delivery.</summary>
    public static void Delivered(Activity? span, Attempt last, DeliveryOutcome outcome) => End(span, last.Reason, outcome switch
    {
        { Kind: OutcomeKind.Delivered } => "delivered",
        { Kind: OutcomeKind.Expired } => "expired",
        { NextTryAt: not null } => "retry_scheduled",
        { HandedTo: not null } => "handed_over",
        _ => "dead_letter",
    });

    /// <summary>Notes that a shipment was not sent, as its deadline was past.</summary>
    public static void Expired(Activity? span) => End(span, reason: null, "expired");

    /// <summary>Notes that a batch was refused for its content and goes again in halves.</summary>
    public static void Halved(Activity? span, Attempt refused) => End(span, refused.Reason, "halved");

    /// <summary>Starts the span of an attempt below the current one. The URL is left out: those of many receivers are credentials.</summary>
    public static Activity? StartTry(Uri url, int number)
    {
        if (!MiddlewareTraces.AreListenedTo || Activity.Current is not { Recorded: true } parent || MiddlewareTraces.Source.StartActivity("POST", ActivityKind.Client) is not { Recorded: true } span)
        {
            return null;
        }

        span.SetTag("http.request.method", "POST").SetTag("server.address", url.Host).SetTag("server.port", url.Port).SetTag(MiddlewareTraces.Outcome, LeftOpen);
        if (number > 1)
        {
            span.SetTag("http.request.resend_count", number - 1);
        }

        foreach (var name in (ReadOnlySpan<string>)[Correlation.SpanAttribute, MiddlewareTraces.MessageId, MiddlewareTraces.Destination])
        {
            span.SetTag(name, parent.GetTagItem(name));
        }

        return span;
    }

    /// <summary>Notes the result of an attempt; one that is broken off stays as it began.</summary>
    public static void Tried(Activity? span, Attempt attempt)
    {
        if (span is null)
        {
            return;
        }

        if (attempt.StatusCode is { } status)
        {
            span.SetTag("http.response.status_code", status);
        }

        End(span, attempt.Reason, attempt.Reason is null ? "delivered" : "failed");
        if (attempt is { Reason: not null, StatusCode: { } refusal })
        {
            span.SetTag("error.type", refusal.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static Activity? StartDeliver(Delivery delivery, TimeProvider clock)
    {
        if (SampledContextOf(delivery.Event) is not { } parent)
        {
            return null;
        }

        var span = StartDeliver("deliver", delivery.EndpointId, parent, delivery.Event.CorrelationId, links: null);
        span?.SetTag(MiddlewareTraces.MessageId, delivery.Event.IdText);
        span?.SetTag("integration.wait_ms", (clock.GetUtcNow() - delivery.Event.AcceptedAt).TotalMilliseconds);
        if (delivery.ReplayId is { } replay)
        {
            span?.SetTag("integration.replay_id", replay);
        }

        return span;
    }

    /// <summary>
    /// Starts the span of a batch. It links to the trace of each sampled event in it. Its parent is in the first of them, so that it is sampled as
    /// its events are.
    /// </summary>
    private static Activity? StartDeliverBatch(Shipment batch)
    {
        List<ActivityLink>? links = null;
        for (var index = 0; index < batch.Deliveries.Count; index++)
        {
            if (SampledContextOf(batch.Deliveries[index].Event) is { } context)
            {
                links ??= new List<ActivityLink>(batch.Deliveries.Count);
                links.Add(new ActivityLink(context));
            }
        }

        if (links is null)
        {
            return null;
        }

        var span = StartDeliver("deliver batch", batch.EndpointId, links[0].Context, batch.IdText, links);
        return span?.SetTag("integration.batch_id", batch.IdText).SetTag("messaging.batch.message_count", batch.Deliveries.Count);
    }

    private static Activity? StartDeliver(string name, EndpointId endpoint, ActivityContext parent, string correlationId, List<ActivityLink>? links)
    {
        var span = MiddlewareTraces.Source.StartActivity($"{name} {endpoint.Value}", ActivityKind.Consumer, parent, tags: null, links);
        return MiddlewareTraces.Begun(span, "process", "deliver", correlationId, LeftOpen)?.SetTag(MiddlewareTraces.Destination, endpoint.Value);
    }

    private static void End(Activity? span, string? reason, string outcome)
    {
        span?.SetTag(MiddlewareTraces.Outcome, outcome).SetStatus(reason is null ? ActivityStatusCode.Ok : ActivityStatusCode.Error, reason);
        if (reason is not null)
        {
            span?.SetTag("error.type", reason);
        }
    }

    private static ActivityContext? SampledContextOf(IntegrationEvent delivered) => MiddlewareTraces.IsSampled(delivered.TraceParent) ? MiddlewareTraces.ContextOf(delivered.TraceParent) : null;
}
