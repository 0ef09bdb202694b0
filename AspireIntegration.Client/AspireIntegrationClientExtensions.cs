using AspireIntegration.Client;
using AspireIntegration.Client.Hosting;
using AspireIntegration.Client.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

#pragma warning disable IDE0130 // Found without a using, as all of Aspire's integrations are.
namespace Microsoft.Extensions.Hosting;
#pragma warning restore IDE0130

/// <summary>Registers clients of the middleware.</summary>
public static class AspireIntegrationClientExtensions
{
    /// <summary>
    /// Registers <see cref="AspireIntegrationClient"/>, <see cref="EventPublisher"/> and <see cref="EventBuffer"/>, with a health check and telemetry.
    /// The buffer is flushed when the host stops.
    /// </summary>
    /// <param name="builder">The builder of the application.</param>
    /// <param name="connectionName">The name of the service, and of its connection string.</param>
    /// <param name="configureSettings">Changes the settings after the configuration was read.</param>
    /// <exception cref="InvalidOperationException">A setting is not valid.</exception>
    public static void AddAspireIntegrationClient(
        this IHostApplicationBuilder builder, string connectionName, Action<AspireIntegrationClientSettings>? configureSettings = null) =>
        Add(builder, connectionName, key: null, configureSettings);

    /// <summary>
    /// Registers the same as keyed services, where an application has several services. Each has its buffer.
    /// </summary>
    /// <param name="builder">The builder of the application.</param>
    /// <param name="name">The key, the name of the service, and of its connection string.</param>
    /// <param name="configureSettings">Changes the settings after the configuration was read.</param>
    /// <exception cref="InvalidOperationException">A setting is not valid.</exception>
    public static void AddKeyedAspireIntegrationClient(
        this IHostApplicationBuilder builder, string name, Action<AspireIntegrationClientSettings>? configureSettings = null) =>
        Add(builder, name, name, configureSettings);

    private static void Add(IHostApplicationBuilder builder, string name, string? key, Action<AspireIntegrationClientSettings>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var settings = SettingReader.Read(builder.Configuration, name, configure);
        var http = AddHttp(builder.Services, name, settings);
        builder.Services.AddKeyedSingleton(key, (services, _) => Client(services, http, settings));
        builder.Services.AddKeyedSingleton(key, (services, _) => new EventPublisher(
            services.GetRequiredKeyedService<AspireIntegrationClient>(key), settings.Retry, services.GetService<ILogger<EventPublisher>>()));
        builder.Services.AddKeyedSingleton(key, (services, _) => new EventBuffer(
            services.GetRequiredKeyedService<EventPublisher>(key), settings.Buffer, services.GetService<ILogger<EventBuffer>>()));
        builder.Services.AddSingleton<IHostedService>(services => new FlushAtStop(services.GetRequiredKeyedService<EventBuffer>(key)));
        AddHealthCheck(builder, http, key, settings);
        AddTelemetry(builder.Services, settings);
    }

    private static string AddHttp(IServiceCollection services, string name, AspireIntegrationClientSettings settings)
    {
        var client = $"{PublishTelemetry.Name}_{name}";
        services.AddServiceDiscovery();
        var http = services.AddHttpClient(client, http =>
        {
            http.BaseAddress = settings.Endpoint;
            http.Timeout = settings.Retry.AttemptTimeout > http.Timeout ? settings.Retry.AttemptTimeout : http.Timeout;
        });

        // A retry of the application's defaults would make a replay or a key twice. Only what has an idempotency key is retried, by the publisher.
#pragma warning disable EXTEXP0001
        http.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        http.AddServiceDiscovery();

        // The client lives as long as the application: its connections end instead, so that a change of addresses is seen.
        http.UseSocketsHttpHandler(static (handler, _) => handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2));
        http.SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        return client;
    }

    private static AspireIntegrationClient Client(IServiceProvider services, string http, AspireIntegrationClientSettings settings)
    {
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Func<CancellationToken, ValueTask<string?>> credential = settings.KeyFile is { } path
            ? new KeyFile(path, clock).ReadAsync
            : _ => ValueTask.FromResult(settings.Key);
        return new AspireIntegrationClient(services.GetRequiredService<IHttpClientFactory>().CreateClient(http), credential, clock);
    }

    private static void AddHealthCheck(IHostApplicationBuilder builder, string name, string? key, AspireIntegrationClientSettings settings)
    {
        // Two checks of one name would fail all checks.
        if (!settings.DisableHealthChecks && builder.Properties.TryAdd($"{name} health check", true))
        {
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                name, services => new ReadyCheck(services.GetRequiredKeyedService<AspireIntegrationClient>(key)), failureStatus: null, tags: null, timeout: TimeSpan.FromSeconds(10)));
        }
    }

    private static void AddTelemetry(IServiceCollection services, AspireIntegrationClientSettings settings)
    {
        if (!settings.DisableTracing)
        {
            services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddSource(PublishTelemetry.Name));
        }

        if (!settings.DisableMetrics)
        {
            services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddMeter(PublishTelemetry.Name));
        }
    }
}
