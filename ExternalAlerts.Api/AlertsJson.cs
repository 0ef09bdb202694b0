using System.Text.Json;
using System.Text.Json.Serialization;

namespace ExternalAlerts;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(AlertsReceived))]
[JsonSerializable(typeof(Page<ReceivedAlert>))]
[JsonSerializable(typeof(Page<AlertTry>))]
[JsonSerializable(typeof(AlertStats))]
[JsonSerializable(typeof(FaultState))]
[JsonSerializable(typeof(Dictionary<string, JsonElement>))]
internal sealed partial class AlertsJson : JsonSerializerContext;

/// <summary>Writes received JSON, which was checked then, byte for byte.</summary>
internal sealed class RawJson : JsonConverter<ReadOnlyMemory<byte>>
{
    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return JsonSerializer.SerializeToUtf8Bytes(document.RootElement, AlertsJson.Default.JsonElement);
    }

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Span, skipInputValidation: true);
}
