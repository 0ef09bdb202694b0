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

    private readonly Lock _gate = new();
    private Task<(byte[] Bytes, EntityTagHeaderValue ETag)>? _built;

    /// <summary>200 with the document, or 304 for a client that has it.</summary>
    public async Task<FileContentHttpResult> AnswerAsync()
    {
        var (bytes, etag) = await Built();
        return TypedResults.Bytes(bytes, ContentType, entityTag: etag);
    }

    /// <summary>A build that failed is no answer to those who ask later.</summary>
    private Task<(byte[] Bytes, EntityTagHeaderValue ETag)> Built()
    {
        lock (_gate)
        {
            return _built is null or { IsFaulted: true } or { IsCanceled: true } ? _built = BuildAsync(provider) : _built;
        }
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
