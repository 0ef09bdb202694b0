using Microsoft.Net.Http.Headers;

namespace Middleware.Api;

/// <summary>Tells whether a body is JSON in UTF-8 by its content type.</summary>
internal static class JsonMediaType
{
    private const string Json = "application/json";

    /// <summary>True for <c>application/json</c>, alone or with <c>charset=utf-8</c>.</summary>
    public static bool IsJson(string? contentType)
    {
        if (string.Equals(contentType, Json, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return MediaTypeHeaderValue.TryParse(contentType, out var type)
            && type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
    }
}
