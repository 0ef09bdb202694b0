using System.Net.Http.Headers;
using System.Reflection;
using Middleware.Domain;
using ServiceDefaults;

namespace Middleware.Outbound;

/// <summary>The request of a delivery, as docs/receiver-contract.md tells receivers (Standard Webhooks headers included).</summary>
internal static class DeliveryRequest
{
    public const string AttemptHeader = "X-Delivery-Attempt";
    public const string TimestampHeader = "webhook-timestamp";

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private static readonly string UserAgent = "AspireIntegration/"
        + typeof(DeliveryRequest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static HttpRequestMessage Create(Delivery delivery, Uri url, AttemptLog attempts)
    {
        var delivered = delivery.Event;
        var content = new ReadOnlyMemoryContent(delivered.Payload);
        content.Headers.ContentType = Json;

        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        var id = delivered.IdText;
        request.Headers.TryAddWithoutValidation(Correlation.Header, delivered.CorrelationId);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("webhook-id", id);

        if (delivery.ReplayId is { } replay)
        {
            request.Headers.TryAddWithoutValidation("X-Replay-Id", replay);
        }

        // While a span is current, the client puts its own traceparent on the request.
        if (System.Diagnostics.Activity.Current is null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", delivered.TraceParent ?? NewTraceParent(id));
        }

        request.Options.Set(AttemptLog.Key, attempts);
        return request;
    }

    /// <summary>A W3C trace context, not sampled, for an event that came without one: the event's id is unique enough for both of its ids.</summary>
    private static string NewTraceParent(string id) => string.Concat("00-", id, "-", string.Concat(id.AsSpan(16), "-00"));
}
