namespace Tests.Middleware.Http.Contract;

/// <summary>The OpenAPI document as the service serves it.</summary>
internal sealed class ServedDocument(JsonNode root)
{
    public JsonNode Root => root;

    /// <summary>Each operation of each path.</summary>
    public IEnumerable<Operation> Operations =>
        from path in root["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select new Operation(operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject(), this);

    public static Task<ServedDocument> OfAsync(MiddlewareService service) => OfAsync(service.Http);

    public static async Task<ServedDocument> OfAsync(HttpClient http) => new(JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json", Waiting.Cancellation))!);

    /// <summary>The target of a reference; any other node is its own.</summary>
    public JsonObject Resolve(JsonNode node) => (string?)node["$ref"] is { } reference
        ? reference[2..].Split('/').Aggregate(root, static (at, name) => at[name]!).AsObject()
        : node.AsObject();
}

/// <summary>A method of a path.</summary>
internal sealed record Operation(string Method, string Path, JsonObject Json, ServedDocument Document)
{
    public string Id => (string)Json["operationId"]!;

    public IEnumerable<JsonObject> Parameters => (Json["parameters"]?.AsArray() ?? []).Select(parameter => Document.Resolve(parameter!));

    public JsonObject Responses => Json["responses"]!.AsObject();

    /// <summary>The bodies of the request by content type, each with its schema.</summary>
    public JsonObject Bodies => Json["requestBody"]?["content"]?.AsObject() ?? [];

    /// <summary>True when its answer does not end by itself.</summary>
    public bool IsStream => Responses["200"]?["content"]?["text/event-stream"] is not null;

    public override string ToString() => $"{Method} {Path}";
}
