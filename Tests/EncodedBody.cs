using System.IO.Compression;
using System.Text;
using Tests.Middleware.Durable;

namespace Tests;

/// <summary>Requests whose body has a content coding.</summary>
internal static class EncodedBody
{
    public static byte[] Encode(string encoding, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var encoded = new MemoryStream();
        using (var stream = StreamOf(encoding.Trim(' ', ',').Split(", ")[^1].ToUpperInvariant(), encoded))
        {
            stream.Write(bytes);
        }

        return encoded.ToArray();
    }

    public static HttpRequestMessage Request(string path, byte[] body, string encoding, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return request;
    }

    public static Task<HttpResponseMessage> Send(
        DurableService service, string path, byte[] body, string encoding, string contentType = "application/json", params string[] headers)
    {
        var request = Request(path, body, encoding, contentType);
        foreach (var parts in headers.Select(static header => header.Split(": ", 2)))
        {
            request.Headers.TryAddWithoutValidation(parts[0], parts[1]);
        }

        return service.Http.SendAsync(request, Waiting.Cancellation).InTime();
    }

    private static Stream StreamOf(string coding, MemoryStream to) => coding switch
    {
        "BR" => new BrotliStream(to, CompressionLevel.Optimal, leaveOpen: true),
        "DEFLATE" => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true),
        "IDENTITY" => new BufferedStream(to),
        _ => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
    };
}
