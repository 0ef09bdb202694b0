using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Middleware.Api.OpenApi;

/// <summary>The routes of the service defaults, which have neither a handler of ours nor a method: described by path.</summary>
internal sealed class PlainRoutes : IOpenApiDocumentTransformer
{
    private static readonly PlainRoute[] All =
    [
        new("/alive", "health_alive", "Tells whether the process answers.", IsReadiness: false),
        new("/health/live", "health_live", "Tells whether the process answers, as /alive does.", IsReadiness: false),
        new("/health", "health_all", "Tells whether the service can do its work: the store is writable, the workers run, it is not stopping.", IsReadiness: true),
        new("/health/ready", "health_ready", "Tells whether the service can do its work, as /health does.", IsReadiness: true),
        new("/metrics", "metrics_scrape", "Tells all metrics, for Prometheus to scrape.", IsReadiness: false) { Tag = "Metrics", Text = "# TYPE integration_events_accepted_total counter\nintegration_events_accepted_total 42\n" },
    ];

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var health = await context.GetOrCreateSchemaAsync(typeof(HealthAnswer), cancellationToken: cancellationToken);
        document.AddComponent(nameof(HealthAnswer), health);

        // The framework leaves it within the other, where generators have no name for it.
        var checks = (OpenApiSchema)health.Properties!["checks"];
        document.AddComponent(nameof(HealthCheckAnswer), checks.AdditionalProperties!);
        checks.AdditionalProperties = new OpenApiSchemaReference(nameof(HealthCheckAnswer), document);
        foreach (var route in All)
        {
            var operation = new OpenApiOperation
            {
                OperationId = route.Id,
                Summary = route.Summary.TrimEnd('.'),
                Description = route.Summary,
                Tags = new HashSet<OpenApiTagReference> { new(route.Tag, document) },
                Parameters = [],
                Responses = [],
            };
            OperationParameters.AddHeader(operation, DescribedHeader.CorrelationId, document);
            AddAnswer(StatusCodes.Status200OK, route.Text is null ? "All is well, or `degraded`: it works, and something needs looking at." : "The metrics as they stand.");
            if (route.IsReadiness)
            {
                AddAnswer(StatusCodes.Status503ServiceUnavailable, "At least one check is `unhealthy`.");
            }

            document.Paths.Add(route.Path, new OpenApiPathItem { Operations = new() { [HttpMethod.Get] = operation } });

            void AddAnswer(int status, string when)
            {
                var response = new OpenApiResponse
                {
                    Description = when,
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        [route.Text is null ? "application/json" : "text/plain"] = route.Text is null
                            ? new() { Schema = new OpenApiSchemaReference(nameof(HealthAnswer), document), Example = Examples.Of(typeof(HealthAnswer)) }
                            : new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = route.Text },
                    },
                };
                response.Headers = new Dictionary<string, IOpenApiHeader>
                {
                    [DescribedHeader.AnsweredCorrelationId.Name] = new OpenApiHeaderReference(DescribedHeader.AnsweredCorrelationId.Name, document),
                };
                operation.Responses!.Add(status.ToString(System.Globalization.CultureInfo.InvariantCulture), response);
            }
        }
    }

    private sealed record PlainRoute(string Path, string Id, string Summary, bool IsReadiness)
    {
        public string Tag { get; init; } = "Health";

        /// <summary>An example of the text it answers; null where that is how the service is, in JSON.</summary>
        public string? Text { get; init; }
    }
}
