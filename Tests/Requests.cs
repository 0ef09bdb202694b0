using System.Text;

namespace Tests;

/// <summary>Requests as tests write them.</summary>
internal static class Requests
{
    /// <summary>Sends a text or bytes under a content type that need not be valid, with headers such as <c>If-Match: *</c>.</summary>
    public static Task<HttpResponseMessage> Send(this HttpClient http, HttpMethod method, string path, byte[]? body, string? contentType, params IEnumerable<string> headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new ByteArrayContent(body) };
        if (contentType is not null)
        {
            request.Content?.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        foreach (var header in headers)
        {
            var parts = header.Split(": ", 2);
            if (!request.Headers.TryAddWithoutValidation(parts[0], parts[1]))
            {
                request.Content!.Headers.TryAddWithoutValidation(parts[0], parts[1]);
            }
        }

        return http.SendAsync(request, Waiting.Cancellation).InTime();
    }

    public static Task<HttpResponseMessage> SendJson(this HttpClient http, HttpMethod method, string path, string? body, params IEnumerable<string> headers) =>
        http.Send(method, path, body is null ? null : Encoding.UTF8.GetBytes(body), "application/json", headers);
}
