using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AspireIntegration.Client.Operating;
using AspireIntegration.Client.Publishing;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Json;

/// <summary>
/// The JSON of requests and answers. What a request leaves out is not written. An answer may have members that are not known, and may lack some: the
/// service may be newer or older than the client.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(DurationText), typeof(TimeText)])]
[JsonSerializable(typeof(ListPage<EventItem>))]
[JsonSerializable(typeof(EventDetail))]
[JsonSerializable(typeof(EventCount))]
[JsonSerializable(typeof(AcceptedEventItem))]
[JsonSerializable(typeof(StatsItem))]
[JsonSerializable(typeof(ListPage<EndpointMatch>))]
[JsonSerializable(typeof(ReplayRequest))]
[JsonSerializable(typeof(ReplayAnswer))]
[JsonSerializable(typeof(ListPage<EndpointItem>))]
[JsonSerializable(typeof(EndpointRequest))]
[JsonSerializable(typeof(AttemptItem))]
[JsonSerializable(typeof(ListPage<DeadLetterItem>))]
[JsonSerializable(typeof(DeadLetterDetail))]
[JsonSerializable(typeof(DeadLetterCounts))]
[JsonSerializable(typeof(ListPage<BulkReplayItem>))]
[JsonSerializable(typeof(BulkReplayRequest))]
[JsonSerializable(typeof(ListPage<BulkErasureItem>))]
[JsonSerializable(typeof(BulkErasureRequest))]
[JsonSerializable(typeof(FilterTestRequest))]
[JsonSerializable(typeof(FilterTestResult))]
[JsonSerializable(typeof(ListPage<KeyItem>))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyRotationRequest))]
[JsonSerializable(typeof(ListPage<AuditedRow>))]
[JsonSerializable(typeof(ListPage<ReplicaItem>))]
[JsonSerializable(typeof(ListPage<SettingItem>))]
[JsonSerializable(typeof(CallerItem))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(EventToPublish))]
[JsonSerializable(typeof(AcceptedEvent))]
[JsonSerializable(typeof(AcceptedBatch))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ClientJson : JsonSerializerContext
{
    // Escaped, a letter beyond ASCII takes six bytes, and a body that the service allows would be too large for it.
    private static readonly JsonWriterOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the body of a request as UTF-8, in which letters stand for themselves.</summary>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body, Unescaped))
        {
            JsonSerializer.Serialize(writer, value, type);
        }

        return body.WrittenSpan.ToArray();
    }
}

/// <summary>The JSON of merge patches: the default of a member leaves it as it is, null sets it back.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    Converters =
    [
        typeof(DurationText),
        typeof(ChangeText<string?>),
        typeof(ChangeText<bool?>),
        typeof(ChangeText<int?>),
        typeof(ChangeText<TimeSpan?>),
        typeof(ChangeText<TimeSpan[]>),
        typeof(ChangeText<string[]>),
        typeof(ChangeText<SecretValue>),
        typeof(ChangeText<Dictionary<string, SecretValue?>>),
        typeof(ChangeText<FilterPatch>),
        typeof(ChangeText<RateLimitPatch>),
        typeof(ChangeText<BatchPatch>),
        typeof(ChangeText<AuthPatch>),
        typeof(ChangeText<Priority?>),
        typeof(ChangeText<WhenFull?>),
        typeof(ChangeText<Ordering?>),
        typeof(ChangeText<OnExhausted?>),
        typeof(ChangeText<DeliveryFormat?>),
    ])]
[JsonSerializable(typeof(EndpointPatch))]
internal sealed partial class PatchJson : JsonSerializerContext;
