using Microsoft.Net.Http.Headers;

namespace Middleware.Api;

/// <summary>Tells whether a body is JSON in UTF-8 by its content type.</summary>
internal static class JsonMediaType
{
    public const string Json = "application/json";
    public const string Lines = "application/x-ndjson";

    /// <summary>True for <c>application/json</c>, alone or with <c>charset=utf-8</c>.</summary>
    public static bool IsJson(string? contentType) => Is(contentType, Json);

    /// <summary>True for <c>application/x-ndjson</c>, alone or with <c>charset=utf-8</c>.</summary>
    public static bool IsLines(string? contentType) => Is(contentType, Lines);

    private static bool Is(string? contentType, string accepted)
    {
        if (string.Equals(contentType, accepted, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals(accepted, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }
}
