using Microsoft.AspNetCore.Routing;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>
/// The OpenAPI 3.1 document, made of the routes that a service has mapped: of their handlers, what is said of them, and the types they
/// answer. It is one document for all versions: but for the answer to accepting they have everything in common.
/// </summary>
internal static class MadeDocument
{
    private const string Text =
        """
        Systems post events; each is kept, given a priority, and delivered to the endpoints that it matches, with retries and evidence.

        - Errors are `application/problem+json` (RFC 9457) and bear the `correlation_id`. A 400 names all faults at once under `errors`.
        - JSON is UTF-8; a byte order mark before it is skipped.
        - `X-Correlation-ID` is on every answer: the one given, or one that is made.
        - Bodies may be encoded: `Content-Encoding` `gzip`, `deflate` or `br`, one of them. Limits and idempotency keys are of what is decoded.
        - 503 has `Retry-After`: nothing of the request was kept, send it again.
        - A caller shows an API key or a token as `Authorization: Bearer`, an API key as `X-Api-Key`, or a client certificate, and needs any of the scopes of the
          route. With `AUTH=off`, and in Development where none is configured, no credential is asked for.
        - HEAD works where GET does.
        - Lists are pages: `next_cursor` is the `cursor` of the next one, null on the last.
        - Bodies are JSON in UTF-8; another content type is 415. Named values, such as those of `priority`, may be written in any case.
        - A page of another origin changes nothing unless `CORS_ORIGINS` names it: it is 403 by its `Origin` or `Sec-Fetch-Site`, which programs do not send.
        - A `Host` that is not of `ALLOWED_HOSTS` is 400, but on the routes of health, and for metrics at an address.
        - With `RATE_LIMIT` or `GLOBAL_RATE_LIMIT`, too many requests are 429 on every route but those of health, with `Retry-After`, `RateLimit` and `RateLimit-Policy`.
        - Names are in snake_case, times in ISO 8601 and UTC, durations such as `3s`, `500ms` or `1m30s`.
        - Accepting has versions. `/integrations/events` without one is version 1.0, for ever; version 2.0 is asked for by the header
          `api-version: 2.0` or by `/v2` before the path. A version there is not is 400. All that is below `/api/v1` has one version.
        """;

    private static readonly (string Name, string Text)[] Tags =
    [
        ("Accepting", "Accepts events, which are kept before the answer."),
        ("Events", "Events with their deliveries and attempts, and replays of single ones."),
        ("Dead letters", "Deliveries that were given up."),
        ("Replays", "Replays of many dead letters or events."),
        ("Erasures", "Erasures of many events."),
        ("Endpoints", "The registry of webhook endpoints."),
        ("Filters", "The events that an endpoint gets."),
        ("Keys", "The API keys of callers."),
        ("Audit", "The log of changes by callers and by the service."),
        ("Replicas", "The replicas of the service that share a store."),
        ("Stats", "Counts of the last minutes."),
        ("Settings", "The settings in force."),
        ("Health", "The health of the process and of its parts."),
        ("Metrics", "Numbers for Prometheus."),
    ];

    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(IServiceProvider services)
    {
        var components = new Components(services);
        var operations = new Operations(components);
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var described =
            from endpoint in MappedRoute.EndpointsOf(services)
            where Operations.HandlerOf(endpoint) is not null && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null
            from method in endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods
            where method != "HEAD"
            select ("/" + endpoint.RoutePattern.RawText!.Trim('/'), method, operations.Of(endpoint, method));
        foreach (var (path, method, operation) in described.Concat(PlainRoutes.All(operations)))
        {
            (paths.TryGetValue(path, out var item) ? item : paths[path] = [])[method.ToLowerInvariant()] = operation;
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = "AspireIntegration", ["description"] = Text.ReplaceLineEndings("\n"), ["version"] = "1.0" },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["paths"] = new JsonObject(paths.Select(static path => KeyValuePair.Create(path.Key, (JsonNode?)path.Value))),
            ["components"] = components.ToJson(),
            ["tags"] = new JsonArray([.. Tags.Select(static tag => new JsonObject { ["name"] = tag.Name, ["description"] = tag.Text })]),
        };
        return document.ToJsonString(Pretty) + "\n";
    }
}
