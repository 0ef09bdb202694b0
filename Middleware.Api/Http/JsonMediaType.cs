using ServiceDefaults;

namespace Middleware.Http;

/// <summary>Recognizes JSON in UTF-8 by its content type.</summary>
internal static class JsonMediaType
{
    public const string Json = "application/json";
    public const string Lines = "application/x-ndjson";
    public const string MergePatch = "application/merge-patch+json";

    /// <summary>True for <c>application/json</c>, alone or with a charset that is UTF-8.</summary>
    public static bool IsJson(string? contentType) => Is(contentType, Json);

    /// <summary>True for <c>application/x-ndjson</c>, alone or with a charset that is UTF-8.</summary>
    public static bool IsLines(string? contentType) => Is(contentType, Lines);

    /// <summary>True for the accepted media type, alone or with a charset that is UTF-8.</summary>
    public static bool Is(string? contentType, string accepted) =>
        string.Equals(contentType, accepted, StringComparison.OrdinalIgnoreCase)
        || string.Equals(Utf8Content.MediaTypeOf(contentType), accepted, StringComparison.OrdinalIgnoreCase);
}
