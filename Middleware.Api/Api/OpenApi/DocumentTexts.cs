using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Middleware.Api.OpenApi;

/// <summary>What stands at the head of the document, and an order that does not depend on how routes are mapped.</summary>
internal sealed class DocumentTexts : IOpenApiDocumentTransformer
{
    private static readonly (string Name, string Text)[] Tags =
    [
        ("Accepting", "Events come in here and are kept before they are answered."),
        ("Events", "Looking at events and all that became of them, and delivering them again."),
        ("Dead letters", "Deliveries that were given up."),
        ("Replays", "Delivering many again."),
        ("Endpoints", "Who hears of events: the registry of webhooks."),
        ("Filters", "Which events an endpoint hears of."),
        ("Health", "Whether the process lives and can do its work."),
        ("Metrics", "What it does, in numbers."),
    ];

    private const string Text =
        """
        Systems post events; each is kept, given a priority, and delivered to the endpoints that must hear of it, with retries and evidence.

        - Errors are `application/problem+json` (RFC 9457) and bear the `correlation_id`. A 400 names all that is wrong at once under `errors`.
        - JSON is UTF-8; a byte order mark before it is skipped.
        - `X-Correlation-ID` is on every answer: the one given, or one that is made.
        - Bodies may be encoded: `Content-Encoding` `gzip`, `deflate` or `br`, one of them. Limits and idempotency keys are of what is decoded.
        - 503 has `Retry-After`: nothing of the request was kept, send it again.
        - HEAD works where GET does.
        - Lists are pages: `next_cursor` is the `cursor` of the next one, null on the last.
        - Bodies are JSON in UTF-8; another content type is 415. Named values, such as those of `priority`, may be written in any case.
        - Names are in snake_case, times in ISO 8601 and UTC, durations such as `3s`, `500ms` or `1m30s`.
        - Accepting has versions. `/integrations/events` without one is version 1.0, for ever; version 2.0 is asked for by the header
          `api-version: 2.0` or by `/v2` before the path. A version there is not is 400. All that is below `/api/v1` has one version.
        """;

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "AspireIntegration", Version = "1.0", Description = Text.ReplaceLineEndings("\n") };
        document.Servers = [new OpenApiServer { Url = "/" }];

        // A tag of the framework's has no text; one without a text of ours stays as it is, for a test to find.
        document.Tags = new HashSet<OpenApiTag>(
        [
            .. Tags.Select(static tag => new OpenApiTag { Name = tag.Name, Description = tag.Text }),
            .. (document.Tags ?? new HashSet<OpenApiTag>()).Where(static tag => !Tags.Any(known => known.Name == tag.Name)),
        ]);
        var paths = new OpenApiPaths();
        foreach (var (path, item) in document.Paths.OrderBy(static path => path.Key, StringComparer.Ordinal))
        {
            paths.Add(path, item);
        }

        document.Paths = paths;
        return Task.CompletedTask;
    }
}
