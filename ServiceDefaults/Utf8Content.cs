using Microsoft.Net.Http.Headers;

namespace ServiceDefaults;

/// <summary>Content types of bodies that are text in UTF-8.</summary>
public static class Utf8Content
{
    /// <summary>The media type of a <c>Content-Type</c>; null when it cannot be read, or names another charset than <c>utf-8</c> or <c>utf8</c>.</summary>
    public static string? MediaTypeOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) && (!type.Charset.HasValue || IsUtf8(HeaderUtilities.RemoveQuotes(type.Charset).Value))
            ? type.MediaType.Value
            : null;

    private static bool IsUtf8(string? charset) =>
        string.Equals(charset, "utf-8", StringComparison.OrdinalIgnoreCase) || string.Equals(charset, "utf8", StringComparison.OrdinalIgnoreCase);
}
