using System.Collections.Frozen;
using Middleware.Http;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>The parts of the document that many operations refer to, each described once.</summary>
internal sealed class Components(IServiceProvider services)
{
    private const string CorrelationId = "^[A-Za-z0-9._-]{1,128}$";
    private const string NotBlank = @"\S";

    private static readonly FrozenDictionary<string, Value> InRequests = new Value[]
    {
        new("X-Correlation-ID", "checkout-4711") { Text = "Taken as the correlation id, which is on every answer, log line and delivery; another value than the pattern's is passed over and an id is made.", Pattern = CorrelationId },
        new("Idempotency-Key", "order-4711-paid") { Text = "Sent again within 24 h with the same body, however it is encoded, the first answer is given again and nothing is kept; with another body it is 422. All versions of a route share the keys.", Pattern = "^[!-~]+$", MaxLength = 255 },
        new("api-version", "2.0") { Text = "The version of the contract; 1.0 when it is not given.", Enum = "ApiVersion", Values = ["1", "1.0", "2", "2.0"] },
        new("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") { Text = "The W3C trace under which the event is accepted and delivered; another value than the pattern's is passed over.", Pattern = "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}" },
        new("If-Match", "\"1\"") { Text = "The ETag of the endpoint as it is known, or several, so that no change is lost; * for any version. 428 when it is missing, 412 when the endpoint has another.", Pattern = "^(\\*|(W/)?\"[!#-~]*\"(, (W/)?\"[!#-~]*\")*)$", IsRequired = true },
        new("Last-Event-ID", "s.583") { Text = "The id of the last event that came, after which the stream goes on, as browsers send it. Opaque.", Pattern = "^[!-~]+$", MaxLength = 2_048 },
        new("X-Operator", "jane.doe") { Text = "The person who discards, beside the caller. Required with `AUTH=off`.", Pattern = NotBlank, MaxLength = 128 },
    }.ToFrozenDictionary(static value => value.Name);

    private static readonly FrozenDictionary<string, Value> InAnswers = new Value[]
    {
        new("X-Correlation-ID", "checkout-4711") { Text = "The correlation id of the request, given or made.", Pattern = CorrelationId },
        new("Idempotency-Replayed", "true") { Text = "Only there when this is the first answer to the Idempotency-Key, given again.", Values = ["true"] },
        new("ETag", "\"1\"") { Text = "The endpoint's version, for If-Match. The built-in endpoint has none.", Pattern = "^\"[0-9]+\"$" },
        new("Location", "/api/v1/events/0198c0de000070008000000000000000") { Text = "The address of the result." },
        new("Accept", JsonMediaType.Json) { Text = "The media types that are accepted." },
        new("Accept-Post", JsonMediaType.Json) { Text = "The media types that are accepted." },
        new("Accept-Patch", JsonMediaType.MergePatch) { Text = "The media types that are accepted." },
        new("Accept-Encoding", "gzip, deflate, br") { Text = "The content codings of a body, one of which it may have. Only there when it had another, or several." },
        new("WWW-Authenticate", "Bearer error=\"invalid_token\"") { Text = "The scheme of credentials, with the error of one that was given, or the missing scopes (RFC 6750). Not there when a page of another origin is refused." },
        new("Retry-After", "1") { Text = "Seconds after which to send it again.", Pattern = "^[0-9]+$" },
        new("api-supported-versions", "1.0, 2.0") { Text = "The versions of this route." },
        new("Deprecation", "@1798761600") { Text = "RFC 9745: the time from which the version is deprecated. Only there when it is; none is." },
        new("Sunset", "Fri, 31 Dec 2027 23:59:59 GMT") { Text = "RFC 8594: the end of the version. Only there when that is decided; it is for none." },
        new("Link", "<https://example.com/moving>; rel=\"deprecation\"") { Text = "RFC 8288: the page on which a deprecation (rel=\"deprecation\") or an end (rel=\"sunset\") is explained. Only there with one of them." },
    }.ToFrozenDictionary(static value => value.Name);

    private static readonly FrozenDictionary<string, Value> InPaths = new Value[]
    {
        new("event_id", "0198c0de000070008000000000000000") { Pattern = "^[0-9A-Fa-f]{32}$", Text = "The event." },
        new("delivery_id", "0198c0de000070008000000000000000.default") { Pattern = Patterns.DeliveryId, Text = "The delivery: the id of the event, a dot and that of the endpoint." },
        new("endpoint_id", "default") { MaxLength = 128, Pattern = NotBlank, Text = "The endpoint: `default`, or `ep_` and 32 hexadecimal digits." },
        new("key_id", "3kQ9xT0b") { Pattern = "^[0-9A-Za-z]{8}$", Text = "The API key." },
        new("replay_id", "0198c0de000070008000000000000001") { Pattern = Patterns.Id, Text = "The replay." },
        new("erasure_id", "0198c0de000070008000000000000002") { Pattern = Patterns.Id, Text = "The bulk erasure." },
    }.ToFrozenDictionary(static value => value.Name);

    private static readonly FrozenDictionary<string, string> ExamplesInQueries = new Dictionary<string, string>
    {
        ["endpoint_id"] = "default",
        ["source"] = "monitoring-system",
        ["event_type"] = "server_down",
        ["q"] = "not responding",
        ["filter"] = "severity = 'critical'",
        ["last_event_id"] = "s.583",
        ["priority"] = "critical",
        ["status"] = "delivered",
        ["state"] = "resting",
        ["reason"] = "http_503",
        ["correlation_id"] = "checkout-4711",
        ["since"] = "2026-01-31T12:00:00Z",
        ["until"] = "2026-02-01",
        ["cursor"] = "ZX__________",
        ["waiting"] = "dead-letter",
        ["actor"] = "key:3kQ9xT0b",
        ["action"] = "endpoint.changed",
        ["target"] = "ep_0198c0de000070008000000000000000",
    }.ToFrozenDictionary();

    private readonly Schemas _schemas = new(services);
    private readonly JsonObject _parameters = [];
    private readonly JsonObject _headers = [];

    public XmlTexts Texts { get; } = new();

    public JsonObject Schema(Type type) => _schemas.Of(type);

    public JsonObject Schema(RequestShape shape) => _schemas.Of(shape);

    public JsonObject PartOfPath(string name) => InPaths[name].Describe(_schemas, "path");

    public IEnumerable<JsonObject> Query(DescribedQuery query)
    {
        var reader = new RequestReader(JsonElement.Parse("{}"), new Dictionary<string, string[]>()) { IsText = true };
        query.Read(reader);
        return reader.Members.Select(member => new JsonObject
        {
            ["name"] = member.Name,
            ["in"] = "query",
            ["description"] = member.Text,
            ["schema"] = _schemas.Of(member),
            ["example"] = member.Default is { } number ? number : ExamplesInQueries[member.Name],
        });
    }

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

    public JsonObject ToJson() => new()
    {
        ["schemas"] = _schemas.ToJson(),
        ["parameters"] = _parameters,
        ["headers"] = _headers,
        ["securitySchemes"] = new JsonObject
        {
            ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = "An API key, or a JSON Web Token of `JWT_AUTHORITY` or `JWT_JWKS`." },
            ["apiKey"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-Api-Key", ["description"] = "An API key." },
        },
    };

    /// <summary>A value that stands in a header, a path or a query.</summary>
    private sealed record Value(string Name, string Example)
    {
        public string? Text { get; init; }

        public string? Pattern { get; init; }

        public int? MaxLength { get; init; }

        /// <summary>The name of an enum's schema; that of <see cref="Values"/> where it is none of ours.</summary>
        public string? Enum { get; init; }

        public string[] Values { get; init; } = [];

        public bool IsRequired { get; init; }

        /// <param name="schemas">Those of enums.</param>
        /// <param name="place">Null for a header of an answer, which has neither a name nor a place.</param>
        public JsonObject Describe(Schemas schemas, string? place)
        {
            var described = new JsonObject();
            if (place is not null)
            {
                (described["name"], described["in"]) = (Name, place);
            }

            described["description"] = Text;
            if (IsRequired || place == "path")
            {
                described["required"] = true;
            }

            described["schema"] = Enum is not null ? schemas.EnumOf(Enum, Values) : Schemas.Ordered(new JsonObject
            {
                ["type"] = "string",
                ["pattern"] = Pattern,
                ["maxLength"] = MaxLength,
                ["enum"] = Values is [] ? null : new JsonArray([.. Values.Select(static value => JsonValue.Create(value))]),
            });
            described["example"] = Example;
            return described;
        }
    }
}
