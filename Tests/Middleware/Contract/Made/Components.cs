using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Middleware.Api;
using Middleware.Domain;

namespace Tests.Middleware.Contract.Made;

/// <summary>What many operations refer to, each described once.</summary>
internal sealed class Components(JsonSerializerOptions options, XmlTexts texts)
{
    private const string CorrelationId = "^[A-Za-z0-9._-]{1,128}$";
    private const string NotBlank = @"\S";

    private static readonly FrozenDictionary<string, Value> InRequests = new Value[]
    {
        new("X-Correlation-ID", "checkout-4711") { Text = "Taken as the correlation id, which is on every answer, log line and delivery; another value than the pattern's is passed over and an id is made.", Pattern = CorrelationId },
        new("Idempotency-Key", "order-4711-paid") { Text = "Sent again within 24 h with the same body, however it is encoded, the first answer is given again and nothing is kept; with another body it is 422. All versions of a route share the keys.", Pattern = "^[!-~]+$", MaxLength = 255 },
        new("api-version", "2.0") { Text = "The version of the contract; 1.0 when it is not given.", Enum = "ApiVersion", Values = ["1", "1.0", "2", "2.0"] },
        new("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") { Text = "The W3C trace under which the event is accepted and delivered; another value than the pattern's is passed over.", Pattern = "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}" },
        new("If-Match", "\"1\"") { Text = "The ETag of the endpoint as it is known, or several, so that nobody's change is lost; * for whatever is there. 428 when it is missing, 412 when the endpoint has another.", Pattern = "^(\\*|(W/)?\"[!#-~]*\"(, (W/)?\"[!#-~]*\")*)$", IsRequired = true },
        new("X-Operator", "jane.doe") { Text = "Who discards.", Pattern = NotBlank, MaxLength = 128, IsRequired = true },
    }.ToFrozenDictionary(static value => value.Name);

    private static readonly FrozenDictionary<string, Value> InAnswers = new Value[]
    {
        new("X-Correlation-ID", "checkout-4711") { Text = "The correlation id of the request, given or made.", Pattern = CorrelationId },
        new("Idempotency-Replayed", "true") { Text = "Only there when this is the first answer to the Idempotency-Key, given again.", Values = ["true"] },
        new("ETag", "\"1\"") { Text = "The endpoint's version, for If-Match. The built-in endpoint has none.", Pattern = "^\"[0-9]+\"$" },
        new("Location", "/api/v1/events/0198c0de000070008000000000000000") { Text = "Where to look at it." },
        new("Accept", JsonMediaType.Json) { Text = "The media types that are accepted." },
        new("Accept-Post", JsonMediaType.Json) { Text = "The media types that are accepted." },
        new("Accept-Patch", JsonMediaType.MergePatch) { Text = "The media types that are accepted." },
        new("Accept-Encoding", "gzip, deflate, br") { Text = "The content codings of a body, one of which it may have. Only there when it had another, or several." },
        new("Retry-After", "1") { Text = "Seconds after which to send it again.", Pattern = "^[0-9]+$" },
        new("api-supported-versions", "1.0, 2.0") { Text = "The versions of this route." },
        new("Deprecation", "@1798761600") { Text = "RFC 9745: since when the version is deprecated. Only there when it is; none is." },
        new("Sunset", "Fri, 31 Dec 2027 23:59:59 GMT") { Text = "RFC 8594: when the version ends. Only there when that is decided; it is for none." },
        new("Link", "<https://example.com/moving>; rel=\"deprecation\"") { Text = "RFC 8288: where a deprecation (rel=\"deprecation\") or an end (rel=\"sunset\") is explained. Only there with one of them." },
    }.ToFrozenDictionary(static value => value.Name);

    private static readonly FrozenDictionary<string, Value> InPathsAndQueries = new Value[]
    {
        new("event_id", "0198c0de000070008000000000000000") { Pattern = "^[0-9A-Fa-f]{32}$", Text = "The event." },
        new("delivery_id", "0198c0de000070008000000000000000.default") { Pattern = Patterns.DeliveryId, Text = "The delivery: the id of the event, a dot and that of the endpoint." },
        new("endpoint_id", "default") { MaxLength = 128, Pattern = NotBlank, Text = "The endpoint: `default`, or `ep_` and 32 hexadecimal digits." },
        new("replay_id", "0198c0de000070008000000000000001") { Pattern = Patterns.Id, Text = "The replay." },
        new("source", "monitoring-system") { MaxLength = EventReader.MaxNameLength, Pattern = NotBlank },
        new("event_type", "server_down") { MaxLength = EventReader.MaxNameLength, Pattern = NotBlank },
        new("q", "not responding") { MaxLength = EventReader.MaxNameLength, Pattern = NotBlank },
        new("priority", "critical") { Enum = nameof(Priority) },
        new("status", "delivered") { Enum = nameof(EventStatus) },
        new("state", "resting") { Enum = nameof(DeadLetterState) },
        new("reason", "http_503") { MaxLength = 64, Pattern = NotBlank },
        new("correlation_id", "checkout-4711") { Pattern = CorrelationId },
        new("since", "2026-01-31T12:00:00Z") { Pattern = Patterns.Time },
        new("until", "2026-02-01") { Pattern = Patterns.Time },
        new("cursor", "ZX__________") { Pattern = Patterns.Cursor, Text = "The `next_cursor` of the page before." },
        new("limit", "50") { Most = 1_000, Text = "How many there are on a page at most." },
        new("waiting", "dead-letter") { Enum = nameof(WaitingDeliveries), Text = "What becomes of the deliveries that wait for it: dead letters. Without it they keep it from being deleted." },
    }.ToFrozenDictionary(static value => value.Name);

    private readonly Schemas _schemas = new(options, texts);
    private readonly JsonObject _parameters = [];
    private readonly JsonObject _headers = [];

    public XmlTexts Texts => texts;

    public JsonObject Schema(Type type) => _schemas.Of(type);

    /// <summary>A part of a path or a query.</summary>
    public JsonObject Parameter(string name, string place, string? text) => InPathsAndQueries[name].Describe(_schemas, place, text);

    public JsonObject HeaderOfRequests(string name)
    {
        _parameters.TryAdd(name, InRequests[name].Describe(_schemas, "header"));
        return new JsonObject { ["$ref"] = $"#/components/parameters/{name}" };
    }

    public JsonObject HeaderOfAnswers(string name)
    {
        _headers.TryAdd(name, InAnswers[name].Describe(_schemas, place: null));
        return new JsonObject { ["$ref"] = $"#/components/headers/{name}" };
    }

    public JsonObject ToJson() => new() { ["schemas"] = _schemas.ToJson(), ["parameters"] = _parameters, ["headers"] = _headers };

    /// <summary>A value that stands in a header, a path or a query.</summary>
    private sealed record Value(string Name, string Example)
    {
        public string? Text { get; init; }

        public string? Pattern { get; init; }

        public int? MaxLength { get; init; }

        /// <summary>Not null for a whole number from 1 up to it, the example by default.</summary>
        public int? Most { get; init; }

        /// <summary>The name of an enum's schema; that of <see cref="Values"/> where it is none of ours.</summary>
        public string? Enum { get; init; }

        public string[] Values { get; init; } = [];

        public bool IsRequired { get; init; }

        /// <param name="schemas">Those of enums.</param>
        /// <param name="place">Null for a header of an answer, which has neither a name nor a place.</param>
        /// <param name="text">Instead of its own.</param>
        public JsonObject Describe(Schemas schemas, string? place, string? text = null)
        {
            var isWhole = Most is not null;
            var described = new JsonObject();
            if (place is not null)
            {
                (described["name"], described["in"]) = (Name, place);
            }

            described["description"] = text ?? Text;
            if (IsRequired || place == "path")
            {
                described["required"] = true;
            }

            described["schema"] = Enum is not null ? schemas.EnumOf(Enum, Values)
                : isWhole ? new JsonObject { ["maximum"] = Most, ["minimum"] = 1, ["type"] = "integer", ["default"] = Number }
                : Schemas.Ordered(new JsonObject
                {
                    ["type"] = "string",
                    ["pattern"] = Pattern,
                    ["maxLength"] = MaxLength,
                    ["enum"] = Values is [] ? null : new JsonArray([.. Values.Select(static value => JsonValue.Create(value))]),
                });
            described["example"] = isWhole ? Number : Example;
            return described;
        }

        private int Number => int.Parse(Example, CultureInfo.InvariantCulture);
    }
}
