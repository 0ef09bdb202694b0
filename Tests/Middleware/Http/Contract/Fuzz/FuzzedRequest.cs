using System.Net.Http.Headers;
using System.Text;

namespace Tests.Middleware.Http.Contract.Fuzz;

/// <summary>A request to an operation.</summary>
internal sealed record FuzzedRequest(Operation Operation, string Path, IReadOnlyList<(string Name, string Value)> Headers, string? ContentType, byte[]? Body)
{
    /// <summary>True when something in the query or the body is not as the document says, so that it must be refused.</summary>
    public bool IsInvalid { get; init; }

    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Operation.Method), Path);
        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = ContentType is null ? null : MediaTypeHeaderValue.Parse(ContentType);
        }

        return message;
    }

    public override string ToString()
    {
        var body = Body is null ? "" : Encoding.UTF8.GetString(Body);
        return $"{Operation.Method} {Path} [{string.Join(", ", Headers)}] {ContentType} {(body.Length > 600 ? body[..600] + "..." : body)}{(IsInvalid ? " (not as the document says)" : "")}";
    }
}

/// <summary>Makes requests to an operation from what the document says of it: some as it says, some not.</summary>
internal sealed class RequestMaker(ServedDocument document, SchemaCheck check, KnownIds known, Random random)
{
    private readonly SchemaValues _values = new(document, random);
    private readonly Spoiling _spoiling = new(new SchemaValues(document, random), random);

    /// <summary>The share of parts, of 100, that are not as the document says.</summary>
    public int Spoiled { get; set; } = 12;

    public FuzzedRequest Make(Operation operation)
    {
        var isInvalid = false;
        var path = operation.Path;
        List<string> query = [];
        List<(string, string)> headers = [];
        foreach (var parameter in operation.Parameters)
        {
            var name = (string)parameter["name"]!;
            switch ((string)parameter["in"]!)
            {
                case "path":
                    path = path.Replace($"{{{name}}}", Uri.EscapeDataString(PathPart(operation, name, parameter["schema"]!)), StringComparison.Ordinal);
                    break;
                case "query" when random.Next(4) == 0:
                    var value = Chance() ? _values.AnyText() : known.Any(name == "cursor" ? $"cursor of {operation.Path}" : name) ?? $"{_values.Valid(parameter["schema"]!)}";
                    isInvalid |= check.Faults(parameter["schema"]!, AsWritten(parameter["schema"]!, value)).Count > 0;
                    query.Add($"{name}={Uri.EscapeDataString(value)}");
                    break;
                case "header" when (bool?)parameter["required"] is true ? !Chance() : random.Next(3) == 0:
                    headers.Add((name, Chance() ? new string('x', random.Next(1, 300)) : Again(name) ?? $"{_values.Valid(parameter["schema"]!)}"));
                    break;
                default:
                    break;
            }
        }

        if (query.Count > 0 && Chance())
        {
            query.Add("not_known=1");
            isInvalid = operation.Method == "GET" || isInvalid;
        }

        var (contentType, body, isBodyInvalid) = Body(operation);
        return new FuzzedRequest(operation, query.Count == 0 ? path : $"{path}?{string.Join('&', query)}", headers, contentType, body) { IsInvalid = isInvalid || isBodyInvalid };
    }

    /// <summary>A key that other requests have too, so that some are met again.</summary>
    private string? Again(string header) => header == "Idempotency-Key" && random.Next(2) == 0 ? $"key-{random.Next(8)}" : known.Any(header);

    private static JsonNode? AsWritten(JsonNode schema, string value) =>
        (string?)schema["type"] == "integer" && int.TryParse(value, System.Globalization.NumberStyles.None, null, out var number) ? number : value;

    private string PathPart(Operation operation, string name, JsonNode schema)
    {
        var value = Chance() ? _values.AnyText().Replace("\0", "", StringComparison.Ordinal) : known.Any(name) is { } there && random.Next(5) > 0 ? there : $"{_values.Valid(schema)}";

        // A path part that is empty, or leads elsewhere, is one of another route.
        return value.Trim('.', ' ', '/').Length == 0 || operation.Path.EndsWith($"/{value}", StringComparison.Ordinal) ? "x" : value.Replace('/', '_').Replace('\\', '_');
    }

    private (string? ContentType, byte[]? Body, bool IsInvalid) Body(Operation operation)
    {
        if (operation.Bodies.Count == 0 || ((bool?)operation.Json["requestBody"]!["required"] is not true && random.Next(3) == 0))
        {
            return default;
        }

        var (contentType, content) = operation.Bodies.ElementAt(random.Next(operation.Bodies.Count));
        if (contentType == "application/x-ndjson")
        {
            var entry = operation.Bodies["application/json"]!["schema"]!["items"]!;
            var lines = Enumerable.Range(0, random.Next(1, 4)).Select(_ => (Chance() ? _values.Anything() : _values.Valid(entry))?.ToJsonString() ?? "null");
            return (contentType, Encoding.UTF8.GetBytes(string.Join('\n', lines)), false);
        }

        var value = _values.Valid(content!["schema"]!);
        if (Chance())
        {
            return (random.Next(2) == 0 ? "text/plain" : null, Encoding.UTF8.GetBytes(value?.ToJsonString() ?? ""), false);
        }

        if (Chance())
        {
            return (contentType, random.Next(5) == 0 ? new byte[TooLarge(operation)] : _spoiling.Break(value), false);
        }

        var sent = random.Next(3) == 0 ? _spoiling.Spoil(value) : value;

        // What is wrong with one event of a batch is told of that one.
        var isJudgedAlone = sent is JsonArray && operation.Path.EndsWith("/batch", StringComparison.Ordinal);
        return (contentType, Encoding.UTF8.GetBytes(sent?.ToJsonString() ?? "null"), !isJudgedAlone && check.Faults(content["schema"]!, sent).Count > 0);
    }

    /// <summary>More than any limit there is.</summary>
    private static int TooLarge(Operation operation) => operation.Path.EndsWith("/batch", StringComparison.Ordinal) ? 9 << 20 : 400_000;

    private bool Chance() => random.Next(100) < Spoiled;
}
