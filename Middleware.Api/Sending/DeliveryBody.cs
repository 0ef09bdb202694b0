using System.Net.Http.Headers;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Sending;

/// <summary>The body of a request in the endpoint's form: always an array for an endpoint of batches, else the one event.</summary>
/// <param name="Bytes">UTF-8.</param>
/// <param name="ContentType">Its media type.</param>
internal readonly record struct DeliveryBody(ReadOnlyMemory<byte> Bytes, MediaTypeHeaderValue ContentType)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue CloudEvent = new("application/cloudevents+json");
    private static readonly MediaTypeHeaderValue CloudEventBatch = new("application/cloudevents-batch+json");

    /// <summary>
    /// Writes the body of a shipment. A batch may be older than the endpoint's wish for none. The form of most endpoints costs nothing.
    /// </summary>
    public static DeliveryBody Write(Shipment shipment, WebhookEndpoint endpoint)
    {
        var deliveries = shipment.Deliveries;
        return (endpoint.Format, IsArray: endpoint.Batch is not null || deliveries.Count > 1) switch
        {
            (DeliveryFormat.Native, false) => new(deliveries[0].Event.Payload, Json),
            (DeliveryFormat.Native, true) => new(Array(deliveries, static delivered => delivered.Payload), Json),
            (_, false) => new(CloudEventPayload.Write(deliveries[0].Event), CloudEvent),
            (_, true) => new(Array(deliveries, static delivered => CloudEventPayload.Write(delivered)), CloudEventBatch),
        };
    }

    private static byte[] Array(IReadOnlyList<Delivery> deliveries, Func<IntegrationEvent, ReadOnlyMemory<byte>> write)
    {
        var events = new ReadOnlyMemory<byte>[deliveries.Count];
        var length = 1 + deliveries.Count;
        for (var index = 0; index < events.Length; index++)
        {
            events[index] = write(deliveries[index].Event);
            length += events[index].Length;
        }

        var body = GC.AllocateUninitializedArray<byte>(length);
        body[0] = (byte)'[';
        var end = 1;
        foreach (var written in events)
        {
            written.Span.CopyTo(body.AsSpan(end));
            end += written.Length;
            body[end++] = (byte)',';
        }

        body[^1] = (byte)']';
        return body;
    }
}
