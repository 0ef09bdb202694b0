using System.Globalization;
using System.Reflection;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using ServiceDefaults;

namespace Middleware.Sending;

/// <summary>The request of an attempt, as docs/receiver-contract.md describes it for receivers (Standard Webhooks headers included).</summary>
internal static class DeliveryRequest
{
    public static readonly string UserAgent = "AspireIntegration/"
        + typeof(DeliveryRequest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Creates the request of a shipment to its endpoint as it is now.</summary>
    /// <param name="shipment">The events of a batch have correlation ids and traces of their own; the batch goes by its own.</param>
    /// <param name="endpoint">The URL, the form, the headers and the signature.</param>
    /// <param name="attempt">The number and the time of the attempt.</param>
    /// <param name="isTest">Adds <c>X-Delivery-Test</c>.</param>
    /// <param name="traceParent">The trace context of the attempt's span; null for that of the event.</param>
    public static HttpRequestMessage Create(Shipment shipment, WebhookEndpoint endpoint, Attempt attempt, bool isTest, string? traceParent)
    {
        var first = shipment.First;
        var isBatch = shipment.BatchId is not null;
        var id = shipment.IdText;
        var body = DeliveryBody.Write(shipment, endpoint);
        var content = new ReadOnlyMemoryContent(body.Bytes);
        content.Headers.ContentType = body.ContentType;

        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = content };
        var timestamp = attempt.StartedAt.ToUnixTimeSeconds();
        Add(request, Correlation.Header, isBatch ? id : first.Event.CorrelationId);
        Add(request, "User-Agent", UserAgent);
        Add(request, "webhook-id", id);
        Add(request, "webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
        Add(request, "X-Delivery-Attempt", attempt.Number.ToString(CultureInfo.InvariantCulture));
        Add(request, "traceparent", traceParent ?? (isBatch ? null : first.Event.TraceParent) ?? NewTraceParent(id));
        if (first.ReplayId is { } replay && !isBatch)
        {
            Add(request, "X-Replay-Id", replay);
        }

        if (isTest)
        {
            Add(request, "X-Delivery-Test", "true");
        }

        foreach (var (name, value) in endpoint.Headers.All)
        {
            Add(request, name, value);
        }

        if (endpoint.Secrets is { } secrets)
        {
            Add(request, "webhook-signature", secrets.SignatureHeader(id, timestamp, body.Bytes.Span, attempt.StartedAt));
        }

        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string value) => request.Headers.TryAddWithoutValidation(name, value);

    /// <summary>Makes a W3C trace context, not sampled, for an event without one: the event's id is unique enough for both of its ids.</summary>
    private static string NewTraceParent(string id) => string.Concat("00-", id, "-", string.Concat(id.AsSpan(16), "-00"));
}
