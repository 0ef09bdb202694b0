using System.Text.Json.Serialization;

namespace Middleware.Api;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ListPage<EventItem>))]
[JsonSerializable(typeof(ListPage<DeadLetterItem>))]
[JsonSerializable(typeof(EventDetail))]
[JsonSerializable(typeof(DeadLetterDetail))]
[JsonSerializable(typeof(ReplayAnswer))]
[JsonSerializable(typeof(BulkReplayItem))]
[JsonSerializable(typeof(ListPage<BulkReplayItem>))]
[JsonSerializable(typeof(EndpointItem))]
[JsonSerializable(typeof(EndpointHealthContract))]
[JsonSerializable(typeof(AttemptItem))]
[JsonSerializable(typeof(ListPage<EndpointItem>))]
internal sealed partial class HistoryJson : JsonSerializerContext;
