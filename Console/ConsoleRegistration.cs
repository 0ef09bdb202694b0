using AspireIntegration.Console.Endpoints;
using AspireIntegration.Console.SigningIn;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Microsoft.FluentUI.AspNetCore.Components;
using ServiceDefaults.Settings;

namespace AspireIntegration.Console;

/// <summary>Registers the console.</summary>
internal static partial class ConsoleRegistration
{
    public const string HttpName = "middleware";

    /// <summary>The most bytes of a message of a browser. It has a field's text as JSON: six bytes a character at worst, and fields take half a million.</summary>
    private const int LongestMessage = 4 << 20;

    public static void AddConsole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings(settings => ConsoleSettings.Read(settings, builder.Environment.IsDevelopment()));
        services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(static hub => hub.MaximumReceiveMessageSize = LongestMessage);
        services.AddFluentUIComponents();
        services.AddSigningIn(builder.Environment, new SettingsReader(builder.Configuration));
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, KeepKeys>();
        services.AddDataProtection().SetApplicationName("AspireIntegration.Console");

        // Nothing is sent twice: a replay that was created and not answered would run twice.
#pragma warning disable EXTEXP0001 // The only way to leave out what ServiceDefaults adds to all clients.
        services.AddHttpClient(HttpName, static (provider, http) => http.BaseAddress = provider.GetRequiredService<ConsoleSettings>().Middleware)
            .RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        services.AddScoped<Credential>();
        services.AddScoped(static provider => new Client.AspireIntegrationClient(
            provider.GetRequiredService<IHttpClientFactory>().CreateClient(HttpName), provider.GetRequiredService<Credential>().ReadAsync, provider.GetRequiredService<TimeProvider>()));
        services.AddScoped<Caller>();
        services.AddScoped<EndpointNames>();
    }

    /// <summary>
    /// Refuses connections of pages from elsewhere. The cookie goes with requests of other ports and sibling hosts too, and rules of origins do not hold for
    /// WebSockets. A proxy passes on the host that the browser asked for.
    /// </summary>
    public static void RefuseForeignPages(this WebApplication app) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (!request.Path.StartsWithSegments("/_blazor") || request.Headers.Origin is not [{ } origin]
            || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsOf(request.Host, page)))
        {
            return next(context);
        }

        ForeignPage(app.Logger, origin, request.Host.Value);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;

        static bool IsOf(HostString host, Uri page) =>
            string.Equals(host.Host, page.Host, StringComparison.OrdinalIgnoreCase) && (host.Port is { } port ? port == page.Port : page.IsDefaultPort);
    });

    /// <summary>Lets pages load from this service alone, and be in no frame of another.</summary>
    public static void UsePageHeaders(this WebApplication app) => app.Use(static (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        return next(context);
    });

    [LoggerMessage(LogLevel.Warning, "a page of another origin was refused; a proxy before the console must pass on the header Host")]
    private static partial void ForeignPage(ILogger logger, string origin, string? host);
}
