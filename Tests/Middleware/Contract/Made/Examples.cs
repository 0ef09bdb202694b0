using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Tests.Middleware.Contract.Made;

/// <summary>An example of each body, from <c>examples.json</c>; a test holds each against its schema.</summary>
internal static class Examples
{
    private static readonly Lazy<JsonObject> All = new(Read);

    /// <summary>That of a type, of an array of it, or of a page of it.</summary>
    public static JsonNode Of(Type type)
    {
        if (type.GetElementType() is { } element)
        {
            return new JsonArray(Of(element));
        }

        return type.IsGenericType
            ? new JsonObject { ["items"] = new JsonArray(Of(type.GetGenericArguments()[0])), ["next_cursor"] = null }
            : All.Value[type.Name]?.DeepClone() ?? throw new InvalidOperationException($"examples.json has none of {type.Name}.");
    }

    /// <summary>An array as lines of JSON.</summary>
    public static JsonNode Lines(Type type) => string.Concat(Of(type).AsArray().Select(static entry => entry!.ToJsonString() + "\n"));

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
