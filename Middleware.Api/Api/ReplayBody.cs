using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Middleware.Api;

/// <summary>Reads the body of a replay, which may be left out, and names what is wrong with it.</summary>
internal static class ReplayBody
{
    public const int MaxBytes = 64 * 1024;

    /// <param name="request">Its body has come whole.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<(ReplayRequest? Asked, ValidationProblem? Fault)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.Body.Length == 0)
        {
            return (null, null);
        }

        try
        {
            var asked = await JsonSerializer.DeserializeAsync(request.Body, HistoryJson.Default.ReplayRequest, cancellationToken);
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
