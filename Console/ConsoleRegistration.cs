using AspireIntegration.Console.Endpoints;
using AspireIntegration.Console.SigningIn;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Microsoft.FluentUI.AspNetCore.Components;
using ServiceDefaults.Settings;

namespace AspireIntegration.Console;

/// <summary>Registers the console.</summary>
internal static class ConsoleRegistration
{
    public const string HttpName = "middleware";

    public static void AddConsole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSettings(settings => ConsoleSettings.Read(settings, builder.Environment.IsDevelopment()));
        services.AddRazorComponents().AddInteractiveServerComponents();
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

    /// <summary>Lets pages load from this service alone, and be in no frame of another.</summary>
    public static void UsePageHeaders(this WebApplication app) => app.Use(static (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        return next(context);
    });
}
