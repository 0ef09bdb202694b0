using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Middleware.Events;

/// <summary>One event for one endpoint, written <c>event_id.endpoint_id</c>.</summary>
internal readonly record struct DeliveryId(Guid EventId, EndpointId Endpoint)
{
    /// <summary>The accepted form, for errors.</summary>
    public const string Form = "the 32 hexadecimal digits of the event id, a dot and the endpoint id (1 to 128 characters)";

    private const int EventIdLength = 32;
    private const int MaxEndpointLength = 128;

    /// <summary>The id of a delivery whose event cannot be read: the event's place in the store replaces its id.</summary>
    public static DeliveryId WithoutEvent(long eventSequence, EndpointId endpoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], eventSequence);
        return new DeliveryId(new Guid(bytes, bigEndian: true), endpoint);
    }

    /// <summary>
    /// The place in the store of an event that cannot be read. Null for an id of an event, which begins with its time and never with zeros.
    /// </summary>
    public static long? SequenceIn(Guid eventId)
    {
        Span<byte> bytes = stackalloc byte[16];
        eventId.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes) == 0 ? BinaryPrimitives.ReadInt64BigEndian(bytes[8..]) : null;
    }

    /// <summary>Null for an event that cannot be read.</summary>
    public static Guid? ReadableIn(Guid eventId) => SequenceIn(eventId) is null ? eventId : null;

    public static bool TryParse(string? text, out DeliveryId id)
    {
        id = default;
        if (text is not { Length: > EventIdLength + 1 and <= EventIdLength + 1 + MaxEndpointLength }
            || text[EventIdLength] != '.'
            || !Guid.TryParseExact(text.AsSpan(0, EventIdLength), "n", out var eventId))
        {
            return false;
        }

        id = new DeliveryId(eventId, new EndpointId(text[(EventIdLength + 1)..]));
        return true;
    }

    public override string ToString() => $"{EventId:n}.{Endpoint}";
}

/// <summary>The id of a webhook endpoint: <c>default</c> for the built-in one.</summary>
[JsonConverter(typeof(EndpointIdJson))]
internal readonly record struct EndpointId(string Value)
{
    /// <summary>The endpoint that <c>EXTERNAL_ENDPOINT_URL</c> names.</summary>
    public static readonly EndpointId Default = new("default");

    /// <summary>The most characters of an id in a request.</summary>
    public const int MaxLength = 128;

    public override string ToString() => Value;
}

/// <summary>An endpoint id in JSON: its text.</summary>
internal sealed class EndpointIdJson : JsonConverter<EndpointId>
{
    public override EndpointId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, EndpointId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
