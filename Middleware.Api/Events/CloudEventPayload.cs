using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Middleware.Events;

/// <summary>
/// Writes an event in the structured mode of CloudEvents 1.0 (its JSON format): one JSON object in UTF-8. Its <c>data</c> is the source's JSON, byte
/// for byte.
/// </summary>
internal static class CloudEventPayload
{
    // The names and quotes of the envelope, its ids and its time.
    private const int EnvelopeLength = 512;

    // It is read as JSON and never as HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static byte[] Write(IntegrationEvent delivered)
    {
        var payload = delivered.Payload.Span;
        var buffer = new ArrayBufferWriter<byte>(payload.Length + EnvelopeLength);
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        writer.WriteString("id"u8, delivered.IdText);
        writer.WriteString("source"u8, UriReference.Of(delivered.Source));
        writer.WriteString("type"u8, CloudEventText.Clean(delivered.EventType));
        writer.WriteString("datacontenttype"u8, "application/json"u8);
        writer.WriteString("priority"u8, delivered.Priority.Name());
        writer.WriteString("correlationid"u8, delivered.CorrelationId);
        if (delivered.TraceParent is { } traceParent)
        {
            writer.WriteString("traceparent"u8, traceParent);
        }

        if (delivered.ExpiresAt is { } expiresAt)
        {
            // https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/expirytime.md
            writer.WriteString("expirytime"u8, expiresAt.UtcDateTime);
        }

        var raw = RawOf(payload);
        writer.WriteString("severity"u8, CloudEventText.Clean(JsonCharacters.Decode(payload[raw.Severity][1..^1])));
        WriteRaw(writer, "time"u8, payload[raw.Time]);
        writer.WriteStartObject("data"u8);
        WriteRaw(writer, "message"u8, payload[raw.Message]);
        WriteRaw(writer, "metadata"u8, payload[raw.Metadata]);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteRaw(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(value, skipInputValidation: true);
    }

    /// <summary>The places of these members' values in a payload that <see cref="EventPayload"/> wrote.</summary>
    private static (Range Severity, Range Message, Range Metadata, Range Time) RawOf(ReadOnlySpan<byte> payload)
    {
        (Range Severity, Range Message, Range Metadata, Range Time) found = default;
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ref var range = ref found.Time;
            var isWanted = true;
            if (reader.ValueTextEquals("severity"u8))
            {
                range = ref found.Severity;
            }
            else if (reader.ValueTextEquals("message"u8))
            {
                range = ref found.Message;
            }
            else if (reader.ValueTextEquals("metadata"u8))
            {
                range = ref found.Metadata;
            }
            else
            {
                isWanted = reader.ValueTextEquals("timestamp"u8);
            }

            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isWanted)
            {
                range = start..(int)reader.BytesConsumed;
            }
        }

        return found;
    }
}
