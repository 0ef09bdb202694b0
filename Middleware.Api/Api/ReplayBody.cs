using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Middleware.Api;

/// <summary>Reads the body of a replay, which may be left out, and names what is wrong with it.</summary>
internal static class ReplayBody
{
    /// <summary>64 KiB; more is 413.</summary>
    public static readonly RequestSizeLimitAttribute SizeLimit = new(64 * 1024);

    public static async Task<(ReplayRequest? Asked, ValidationProblem? Fault)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        if (body.Length == 0)
        {
            return (null, null);
        }

        try
        {
            body.Position = 0;
            var asked = await JsonSerializer.DeserializeAsync(body, HistoryJson.Default.ReplayRequest, cancellationToken);
            return asked switch
            {
                null => (null, HistoryProblems.Invalid("body", "must be a JSON object, or be left out")),
                { EndpointId: null or { Length: >= 1 and <= 128 } } => (asked, null),
                _ => (null, HistoryProblems.Invalid("endpoint_id", "must have 1 to 128 characters, or be null for all endpoints that matched")),
            };
        }
        catch (JsonException exception)
        {
            return (null, HistoryProblems.Invalid(
                exception.Path is "$.endpoint_id" ? "endpoint_id" : "body",
                $"is not valid: {exception.Message} {{\"endpoint_id\":null}} is accepted, with the id of an endpoint or null"));
        }
    }
}
