using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Middleware.Api.OpenApi;

/// <summary>The document as it is served. It is built once, by whoever asks first: that takes as long as thousands of events.</summary>
internal sealed class BuiltDocument([FromKeyedServices(OpenApiRegistration.Document)] IOpenApiDocumentProvider provider)
{
    private const string ContentType = "application/json; charset=utf-8";

    private readonly Lazy<Task<(byte[] Bytes, EntityTagHeaderValue ETag)>> _built = new(() => BuildAsync(provider));

    /// <summary>200 with the document, or 304 for a client that has it.</summary>
    public async Task<FileContentHttpResult> AnswerAsync()
    {
        var (bytes, etag) = await _built.Value;
        return TypedResults.Bytes(bytes, ContentType, entityTag: etag);
    }

    private static async Task<(byte[] Bytes, EntityTagHeaderValue ETag)> BuildAsync(IOpenApiDocumentProvider provider)
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        using var written = new MemoryStream();
        await document.SerializeAsJsonAsync(written, OpenApiSpecVersion.OpenApi3_1, CancellationToken.None);
        var bytes = written.ToArray();
        return (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(..16))}\""));
    }
}
