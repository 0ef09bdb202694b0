using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Tests.Middleware.Http.Contract.Made;

/// <summary>An example of each body, from <c>examples.json</c>; a test holds each against its schema.</summary>
internal static class Examples
{
    private const string Page = "ListPageOf";

    private static readonly Lazy<JsonObject> All = new(Read);

    /// <summary>That of a schema, or of a page of it.</summary>
    public static JsonNode Of(string schema) => schema.StartsWith(Page, StringComparison.Ordinal)
        ? new JsonObject { ["items"] = new JsonArray(Of(schema[Page.Length..])), ["next_cursor"] = null }
        : All.Value[schema]?.DeepClone() ?? throw new InvalidOperationException($"examples.json has none of {schema}.");

    /// <summary>Why it is answered is the example of what it says.</summary>
    public static JsonNode OfProblem(int status, string why) => status == StatusCodes.Status400BadRequest
        ? All.Value["HttpValidationProblemDetails"]!.DeepClone()
        : new JsonObject
        {
            ["title"] = ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["detail"] = why,
            ["correlation_id"] = "checkout-4711",
        };

    private static JsonObject Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("examples.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
