using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http.Resilience;
using ServiceDefaults.Bodies;
using ServiceDefaults.Connections;
using ServiceDefaults.Health;
using ServiceDefaults.Limits;
using ServiceDefaults.Logging;
using ServiceDefaults.Settings;
using ServiceDefaults.Tls;
using ServiceDefaults.Watching;

namespace ServiceDefaults;

/// <summary>
/// The defaults of every service of the platform: settings, logs, telemetry, health, problem details, correlation and a resilient HttpClient.
/// </summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Registers the defaults. <c>PORT</c> (1-65535) is the port to listen on unless ASP.NET Core's own URL settings are given.</summary>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, int defaultPort)
    {
        builder.Host.UseDefaultServiceProvider(options => options.ValidateOnBuild = options.ValidateScopes = true);
        ((IConfigurationBuilder)builder.Configuration).Add(new SettingFiles(builder.Configuration));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddSystemd();
        builder.AddServiceLogging();
        builder.AddTelemetry();
        builder.Services.CheckSettings(TelemetrySettings.Check);
        builder.Services.AddSettings(settings => Listening.Read(settings, defaultPort));
        builder.AddServerLimits();
        builder.AddTls();
        TrustedProxies.AddTo(builder.Services);
        builder.Services.AddSettings(BodyBudget.Read).AddBodyDecoding();
        builder.Services.AddServiceHealth();
        builder.Services.AddProblems();
        builder.Services.AddResilientHttpClients();
        return builder;
    }

    /// <summary>Reads the client's address from trusted proxies, puts the correlation id on every response, makes every error a problem+json, and decodes bodies.</summary>
    public static WebApplication UseServiceDefaults(this WebApplication app)
    {
        TrustedProxies.UseIn(app);
        app.UseCorrelation();
        app.UseProblems();
        app.UseBodyDecoding();
        return app;
    }

    /// <summary>Maps liveness (<c>/alive</c>, <c>/health/live</c>), readiness (<c>/health</c>, <c>/health/ready</c>) and <c>/metrics</c>.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="ofMetrics">Adds to the route of the metrics.</param>
    public static IEndpointRouteBuilder MapDefaultEndpoints(this IEndpointRouteBuilder routes, Action<IEndpointConventionBuilder>? ofMetrics = null)
    {
        routes.MapHealth();
        var metrics = routes.MapMetrics();
        ofMetrics?.Invoke(metrics);
        return routes;
    }

    private static void AddResilientHttpClients(this IServiceCollection services)
    {
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(static http =>
        {
            // Redirects are never followed: a redirected POST silently turns into a GET without a body.
            http.ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
            http.AddServiceDiscovery();
            http.RemoveAllLoggers();

            // One breaker and one limiter for each receiver; without this all clients share them.
            http.AddStandardResilienceHandler(static options =>
                StandardResilience.Configure(options, TimeSpan.FromSeconds(3), maxRetries: 3, TimeSpan.FromMilliseconds(500)))
                .SelectPipelineByAuthority();
        });
    }
}
