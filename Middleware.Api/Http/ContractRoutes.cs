using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Scalar.AspNetCore;
using ServiceDefaults.Settings;

namespace Middleware.Http;

/// <summary>
/// The OpenAPI 3.1 document of all routes at <c>/openapi/v1.json</c>, and a page to read and try it at <c>/docs</c>. A test makes the document of the
/// routes, and it is committed.
/// </summary>
internal static class ContractRoutes
{
    private static readonly Lazy<(byte[] Bytes, EntityTagHeaderValue ETag)> Document = new(Read);

    public static void MapContract(this IEndpointRouteBuilder routes)
    {
        // For people: outside Development they need a credential unless the settings open it to all.
        var services = routes.ServiceProvider;
        var isOpen = services.GetRequiredService<DocsSettings>().IsOpen || services.GetRequiredService<IHostEnvironment>().IsDevelopment();
        routes = routes.MapGroup("").Needs(isOpen ? Scopes.None : Scopes.EventsRead);
        routes.MapGet("/openapi/v1.json", Answer).HoldsItsAnswer().ExcludeFromDescription();

        // The page brings its script with it and calls this service alone.
        routes.MapScalarApiReference("/docs", static options => options
            .WithTitle("AspireIntegration")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools())
            .Finally(static page => page.RequestDelegate = Unframed(page.RequestDelegate!));
    }

    /// <summary>Keeps other pages from showing this one within them, where a click on it could be theirs.</summary>
    private static RequestDelegate Unframed(RequestDelegate next) => context =>
    {
        context.Response.Headers.ContentSecurityPolicy = "frame-ancestors 'none'";
        return next(context);
    };

    /// <summary>200 with the document, or 304 for a client that has it.</summary>
    private static FileContentHttpResult Answer() =>
        TypedResults.Bytes(Document.Value.Bytes, "application/json; charset=utf-8", entityTag: Document.Value.ETag);

    private static (byte[] Bytes, EntityTagHeaderValue ETag) Read()
    {
        using var document = typeof(ContractRoutes).Assembly.GetManifestResourceStream("openapi-v1.json")!;
        var bytes = new byte[document.Length];
        document.ReadExactly(bytes);
        return (bytes, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(..16))}\""));
    }
}

/// <summary>The setting <c>DOCS</c>: <c>open</c> shows the contract to callers without a credential.</summary>
internal sealed record DocsSettings(bool IsOpen)
{
    private const string Open = "open";

    public static DocsSettings Read(SettingsReader settings)
    {
        settings.CheckOneOf(Setting.Docs.Name, [Open]);
        return new(Open.Equals(settings.Text(Setting.Docs.Name), StringComparison.OrdinalIgnoreCase));
    }
}
