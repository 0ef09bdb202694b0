using System.IO.Compression;
using System.Text;
using Tests.Middleware;

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

    public static Task<HttpResponseMessage> Send(
        MiddlewareService service, string path, byte[] body, string encoding, string contentType = "application/json", params string[] headers) =>
        service.Http.Send(HttpMethod.Post, path, body, contentType, [.. headers, $"Content-Encoding: {encoding}"]);

    private static Stream StreamOf(string coding, MemoryStream to) => coding switch
    {
        "BR" => new BrotliStream(to, CompressionLevel.Optimal, leaveOpen: true),
        "DEFLATE" => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true),
        "IDENTITY" => new BufferedStream(to),
        _ => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
    };
}
