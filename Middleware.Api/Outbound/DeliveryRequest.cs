using System.Globalization;
using System.Net.Http.Headers;
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

    private static readonly HttpRequestOptionsKey<Func<DateTimeOffset, string>> Signature = new("signature");

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private static readonly string UserAgent = "AspireIntegration/"
        + typeof(DeliveryRequest).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static HttpRequestMessage Create(Delivery delivery, WebhookEndpoint endpoint, AttemptLog attempts)
    {
        var delivered = delivery.Event;
        var content = new ReadOnlyMemoryContent(delivered.Payload);
        content.Headers.ContentType = Json;

        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = content };
        var id = delivered.IdText;
        request.Headers.TryAddWithoutValidation(Correlation.Header, delivered.CorrelationId);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("webhook-id", id);

        foreach (var (name, value) in endpoint.Headers.All)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (endpoint.Secrets is { } secrets)
        {
            request.Options.Set(Signature, at => secrets.SignatureHeader(id, at.ToUnixTimeSeconds(), delivered.Payload.Span, at));
        }

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

    /// <summary>Puts on what each try has of its own: its number, from 1, its time, and the signature over it.</summary>
    public static void Stamp(HttpRequestMessage request, int number, DateTimeOffset at, bool isFirst)
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
    }

    /// <summary>A W3C trace context, not sampled, for an event that came without one: the event's id is unique enough for both of its ids.</summary>
    private static string NewTraceParent(string id) => string.Concat("00-", id, "-", string.Concat(id.AsSpan(16), "-00"));
}
