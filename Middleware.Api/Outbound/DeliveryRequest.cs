using System.Globalization;
using System.Reflection;
using Middleware.Domain;
using ServiceDefaults;

namespace Middleware.Outbound;

/// <summary>The request of a delivery, as docs/receiver-contract.md tells receivers (Standard Webhooks headers included).</summary>
internal static class DeliveryRequest
{
    private const string AttemptHeader = "X-Delivery-Attempt";
    private const string TimestampHeader = "webhook-timestamp";
    private const string SignatureHeader = "webhook-signature";
    private const string TraceHeader = "traceparent";

    private static readonly HttpRequestOptionsKey<Func<DateTimeOffset, string>> Signature = new("signature");

    private static readonly string UserAgent = "AspireIntegration/"
        + typeof(DeliveryRequest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>The request of one delivery, to an endpoint of batches in an array.</summary>
    public static HttpRequestMessage Create(Delivery delivery, WebhookEndpoint endpoint, AttemptLog attempts)
    {
        var delivered = delivery.Event;
        var body = DeliveryBody.Write(delivery, endpoint);
        var request = Create(endpoint, delivered.IdText, delivered.CorrelationId, delivered.TraceParent, body, attempts);
        if (delivery.ReplayId is { } replay)
        {
            request.Headers.TryAddWithoutValidation("X-Replay-Id", replay);
        }

        return request;
    }

    /// <summary>The request of a test: that of a delivery, and a header that says so.</summary>
    public static HttpRequestMessage CreateTest(Delivery delivery, WebhookEndpoint endpoint, AttemptLog attempts)
    {
        var request = Create(delivery, endpoint, attempts);
        request.Headers.TryAddWithoutValidation("X-Delivery-Test", "true");
        return request;
    }

    /// <summary>The request of a batch. Its events have correlation ids and traces of their own; it goes by its own.</summary>
    public static HttpRequestMessage Create(DeliveryBatch batch, WebhookEndpoint endpoint, AttemptLog attempts) =>
        Create(endpoint, batch.IdText, batch.IdText, traceParent: null, DeliveryBody.Write(batch.Deliveries, endpoint), attempts);

    /// <summary>Puts on what each try has of its own: its number, from 1, its time, the signature over it, and the trace context of its span, if it has one.</summary>
    public static void Stamp(HttpRequestMessage request, int number, DateTimeOffset at, bool isFirst, string? traceParent)
    {
        if (!isFirst)
        {
            request.Headers.Remove(AttemptHeader);
            request.Headers.Remove(TimestampHeader);
            request.Headers.Remove(SignatureHeader);
        }

        request.Headers.TryAddWithoutValidation(AttemptHeader, number.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation(TimestampHeader, at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        if (request.Options.TryGetValue(Signature, out var signature))
        {
            request.Headers.TryAddWithoutValidation(SignatureHeader, signature(at));
        }

        if (traceParent is not null)
        {
            request.Headers.Remove(TraceHeader);
            request.Headers.TryAddWithoutValidation(TraceHeader, traceParent);
        }
    }

    private static HttpRequestMessage Create(
        WebhookEndpoint endpoint, string id, string correlationId, string? traceParent, DeliveryBody body, AttemptLog attempts)
    {
        var content = new ReadOnlyMemoryContent(body.Bytes);
        content.Headers.ContentType = body.ContentType;

        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = content };
        request.Headers.TryAddWithoutValidation(Correlation.Header, correlationId);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("webhook-id", id);

        foreach (var (name, value) in endpoint.Headers.All)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (endpoint.Secrets is { } secrets)
        {
            request.Options.Set(Signature, at => secrets.SignatureHeader(id, at.ToUnixTimeSeconds(), body.Bytes.Span, at));
        }

        // That of a try's span takes its place.
        request.Headers.TryAddWithoutValidation(TraceHeader, traceParent ?? NewTraceParent(id));
        request.Options.Set(AttemptLog.Key, attempts);
        return request;
    }

    /// <summary>A W3C trace context, not sampled, for an event that came without one: the event's id is unique enough for both of its ids.</summary>
    private static string NewTraceParent(string id) => string.Concat("00-", id, "-", string.Concat(id.AsSpan(16), "-00"));
}
