using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ServiceDefaults;

/// <summary>
/// OpenTelemetry, listening only when there is somewhere to send to: spans that nobody reads cost as much as the work they describe. What
/// is sampled is said by <c>OTEL_TRACES_SAMPLER</c> and <c>OTEL_TRACES_SAMPLER_ARG</c>, which the SDK reads; all that is not is dropped at its root.
/// </summary>
internal static class Telemetry
{
    private const string OurNames = "AspireIntegration.*";

    // The environment goes before these. A batch of 1,000 events links to each; the SDK's own limit is 128.
    private static readonly Dictionary<string, string?> Defaults = new() { ["OTEL_SPAN_LINK_COUNT_LIMIT"] = "1000" };

    // Each costs every event as much as a span would. What they say of tries the middleware's own metrics say by endpoint, and of requests
    // the duration's count.
    private static readonly string[] LeftOut =
    [
        "http.server.active_requests", "http.client.active_requests", "http.client.request.time_in_queue", "http.client.request.duration",
        "aspnetcore.routing.match_attempts",
    ];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        // Baggage is nothing we pass on, and to look for it costs every request, sampled or not.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        builder.Logging.AddOpenTelemetry(logging => logging.IncludeFormattedMessage = true);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Name(resource, builder.Configuration, builder.Environment.ApplicationName))
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter(OurNames)
                .LeaveOut(LeftOut))
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(options => options.Filter = static context => !IsProbe(context.Request.Path))
                .AddHttpClientInstrumentation()
                .AddSource(OurNames))
            .UseOtlpExporter();
    }

    /// <summary>What nobody named is named as the program: two services of one trace must be told apart.</summary>
    private static void Name(ResourceBuilder resource, IConfiguration configuration, string program)
    {
        var isNamed = configuration["OTEL_SERVICE_NAME"] is { Length: > 0 }
            || configuration["OTEL_RESOURCE_ATTRIBUTES"]?.Contains("service.name=", StringComparison.Ordinal) == true;
        if (!isNamed)
        {
            resource.AddService(program);
        }
    }

    private static MeterProviderBuilder LeaveOut(this MeterProviderBuilder metrics, string[] instruments) =>
        instruments.Aggregate(metrics, static (builder, instrument) => builder.AddView(instrument, MetricStreamConfiguration.Drop));

    private static bool IsProbe(Microsoft.AspNetCore.Http.PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/alive");
}
