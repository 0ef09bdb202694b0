using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Middleware.Http;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>The routes of the service defaults, which have neither a handler of ours nor a method: described by path.</summary>
internal static class PlainRoutes
{
    public static IEnumerable<(string Path, string Method, JsonObject Operation)> All(Operations operations)
    {
        yield return Health("/alive", "alive", "Shows that the process answers.", isReadiness: false);
        yield return Health("/health/live", "live", "Shows that the process answers, as /alive does.", isReadiness: false);
        yield return Health("/health", "all", "Shows whether the service can do its work: the store is writable, the workers run, it is not stopping.", isReadiness: true);
        yield return Health("/health/ready", "ready", "Shows whether the service can do its work, as /health does.", isReadiness: true);

        const string Metrics = "Shows all metrics, for Prometheus to scrape.";
        var scrape = operations.Answer(StatusCodes.Status200OK, "The metrics as they stand.", type: null);
        scrape["content"] = new JsonObject
        {
            ["text/plain"] = new JsonObject
            {
                ["schema"] = new JsonObject { ["type"] = "string" },
                ["example"] = "# TYPE integration_events_accepted_total counter\nintegration_events_accepted_total 42\n",
            },
        };
        yield return ("/metrics", "GET", Plain("Metrics", "scrape", Metrics, new JsonObject
        {
            ["200"] = scrape,
            ["400"] = operations.Answer(StatusCodes.Status400BadRequest, "`ALLOWED_HOSTS` names other hosts.", typeof(HttpValidationProblemDetails)),
            ["401"] = operations.Answer(StatusCodes.Status401Unauthorized, "No credential was given, or none that is valid.", typeof(ProblemDetails), "WWW-Authenticate"),
            ["403"] = operations.Answer(StatusCodes.Status403Forbidden, "The caller lacks the scope `metrics`.", typeof(ProblemDetails), "WWW-Authenticate"),
        },
        Operations.SecurityOf(Scopes.Metrics)));

        (string, string, JsonObject) Health(string path, string name, string text, bool isReadiness)
        {
            var answers = new JsonObject { ["200"] = operations.Answer(StatusCodes.Status200OK, "`healthy`, or `degraded`: it works, and a check needs attention.", typeof(HealthAnswer)) };
            if (isReadiness)
            {
                answers["503"] = operations.Answer(StatusCodes.Status503ServiceUnavailable, "At least one check is `unhealthy`.", typeof(HealthAnswer));
            }

            return (path, "GET", Plain("Health", name, text, answers));
        }

        JsonObject Plain(string tag, string name, string text, JsonObject answers, JsonArray? security = null)
        {
            var operation = Operations.New(tag, text.TrimEnd('.'), text, $"{tag.ToLowerInvariant()}_{name}");
            operation["parameters"] = new JsonArray(operations.CorrelationId);
            operation["security"] = security ?? [];
            operation["responses"] = answers;
            return operation;
        }
    }
}
