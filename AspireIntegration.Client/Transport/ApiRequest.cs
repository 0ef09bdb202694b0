using System.Net.Http.Headers;
using System.Text.Json.Serialization.Metadata;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Transport;

/// <summary>A request to the service.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path below the address of the service, with its query, without a slash before it.</param>
internal readonly record struct ApiRequest(HttpMethod Method, string Path)
{
    public const string Operating = "api/v1";

    public HttpContent? Content { get; init; }

    /// <summary>The versions of an endpoint that may be changed.</summary>
    public string? IfMatch { get; init; }

    /// <summary>The person beside the caller.</summary>
    public string? Operator { get; init; }

    /// <summary>Encodes a value to be a segment of a path.</summary>
    /// <exception cref="ArgumentException">It is empty, or of dots: the path would be that of another route.</exception>
    public static string Segment(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return value is "." or ".." ? throw new ArgumentException($"\"{value}\" is not an id; expected a text that is not only dots") : Uri.EscapeDataString(value);
    }

    /// <summary>The body of a request.</summary>
    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type, string mediaType = "application/json") =>
        new ByteArrayContent(ClientJson.Write(value, type)) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
}
