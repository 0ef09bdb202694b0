using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;

namespace Middleware.Api.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document of all routes at <c>/openapi/v1.json</c>, and a page to read and try it at <c>/docs</c>. It is one document for
/// all versions: but for the answer to accepting they have everything in common. The file is <c>docs/openapi/v1.json</c>, which a test makes of the
/// mapped routes and holds against them.
/// </summary>
internal static class OpenApiRegistration
{
    private const string ContentType = "application/json; charset=utf-8";

    private static readonly byte[] Document = Read();
    private static readonly EntityTagHeaderValue ETag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Document).AsSpan(..16))}\"");

    /// <summary>Maps the document and the page, which brings its script with it and asks nobody but this service for anything.</summary>
    public static void MapOpenApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/openapi/v1.json", Answer).ExcludeFromDescription();
        routes.MapScalarApiReference("/docs", static options => options
            .WithTitle("AspireIntegration")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools());
    }

    /// <summary>Answers 200 with the document, or 304 to a client that has it.</summary>
    private static FileContentHttpResult Answer() => TypedResults.Bytes(Document, ContentType, entityTag: ETag);

    private static byte[] Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("openapi-v1.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
