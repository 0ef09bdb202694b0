using Middleware.Http;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>The schema of a refusal (RFC 9457), with or without the faults of a request.</summary>
internal static class ProblemSchema
{
    public static JsonObject Of(bool isValidation)
    {
        var members = new JsonObject
        {
            ["type"] = Text(),
            ["title"] = Text(),
            ["status"] = new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            ["detail"] = Text(),
            ["instance"] = Text(),
        };
        if (isValidation)
        {
            members["errors"] = new JsonObject
            {
                ["minProperties"] = 1,
                ["type"] = "object",
                ["additionalProperties"] = new JsonObject { ["minItems"] = 1, ["type"] = "array", ["items"] = Text() },
                ["description"] = "All faults, under the name of the field, parameter or header, or under `body`.",
            };
        }

        members["correlation_id"] = new JsonObject { ["pattern"] = Patterns.CorrelationId, ["type"] = "string", ["description"] = "That of the request, as in `X-Correlation-ID`." };
        return new JsonObject
        {
            ["required"] = isValidation ? new JsonArray("title", "status", "correlation_id", "errors") : new JsonArray("title", "status", "correlation_id"),
            ["type"] = "object",
            ["properties"] = members,
            ["description"] = "RFC 9457: why a request is not met.",
        };

        static JsonObject Text() => new() { ["type"] = "string" };
    }
}
