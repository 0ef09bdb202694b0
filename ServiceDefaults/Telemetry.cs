using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
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
/// OpenTelemetry. Our own metrics and the runtime's can always be scraped. All else is collected only when there is an exporter. Spans that nobody
/// reads cost as much as their work, and the framework's metrics more than ours. <c>OTEL_TRACES_SAMPLER</c> and <c>OTEL_TRACES_SAMPLER_ARG</c>, which
/// the SDK reads, decide the sampling; unsampled traces are dropped at their root.
/// </summary>
internal static class Telemetry
{
    private const string OurNames = "AspireIntegration.*";
    private const string MetricsPath = "/metrics";

    /// <summary>The instruments of the runtime whose names promise Prometheus a histogram.</summary>
    private static readonly FrozenSet<string> Misnamed = ["dotnet.assembly.count", "dotnet.process.cpu.count", "dotnet.timer.count"];

    /// <summary>The most scrapes that are answered at once, and that wait for one of these. Each keeps its answer until it is read.</summary>
    private static readonly ConcurrencyLimiterOptions MostScrapes = new() { PermitLimit = 8, QueueLimit = 56 };

    /// <summary>The slowest pace of a scrape; a slower one is cut off.</summary>
    private static readonly MinDataRate SlowestScrape = new(bytesPerSecond: 64 << 10, gracePeriod: TimeSpan.FromSeconds(5));

    // The environment goes before these. A batch of 1,000 events links to each; the SDK's own limit is 128.
    private static readonly Dictionary<string, string?> Defaults = new() { ["OTEL_SPAN_LINK_COUNT_LIMIT"] = "1000" };

    // Each costs every event as much as a span would. The middleware's own metrics have attempts by endpoint, and the duration's count has requests.
    private static readonly string[] LeftOut =
    [
        "http.server.active_requests", "http.client.active_requests", "http.client.request.time_in_queue", "http.client.request.duration",
        "aspnetcore.routing.match_attempts",
    ];

    private static readonly string[] GivenByClients = ["url.path", "user_agent.original"];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => Name(resource, builder.Configuration, builder.Environment.ApplicationName))
            .WithMetrics(static metrics => metrics
                .AddRuntimeInstrumentation()
                .AddMeter(OurNames)
                .AddPrometheusExporter(static prometheus => prometheus.ScopeInfoEnabled = false));
        builder.Services.ConfigureOpenTelemetryMeterProvider(static (services, metrics) =>
        {
            // OpenTelemetry listens to the whole process, in which there may be other services, as in tests: each reports its own.
            var own = services.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument =>
                Misnamed.Contains(instrument.Name) || (instrument.Meter.Scope is IMeterFactory and var scope && scope != own) ? MetricStreamConfiguration.Drop : null);
        });
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
        {
            return;
        }

        // Baggage is nothing we pass on, and to look for it costs every request, sampled or not.
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        builder.Logging.AddOpenTelemetry(logging => logging.IncludeFormattedMessage = true);
        telemetry
            .WithMetrics(static metrics => metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().LeaveOut(LeftOut))
            .WithTracing(tracing => tracing
                .AddAspNetCoreInstrumentation(static options =>
                {
                    options.Filter = static context => !IsProbe(context.Request.Path);
                    options.EnrichWithHttpRequest = static (span, _) => HideKeys(span);
                })
                .AddHttpClientInstrumentation()
                .AddSource(OurNames))
            .UseOtlpExporter();
    }

    /// <summary>Maps the route that Prometheus scrapes. Scrapes within 300 ms, at once or in a row, share one answer.</summary>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder routes) => routes
        .MapPrometheusScrapingEndpoint(MetricsPath, meterProvider: null, static branch => branch.Use(KeepScrapesApart), optionsName: null)
        .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]))
        .ExcludeFromDescription()
        .DisableHttpMetrics();

    /// <summary>Keeps the answer of each scrape until it is read: the exporter makes no other while it writes one. Beyond <see cref="MostScrapes"/> there is 503.</summary>
    private static RequestDelegate KeepScrapesApart(RequestDelegate next)
    {
        var room = new ConcurrencyLimiter(MostScrapes);
        return async context =>
        {
            using var place = await room.AcquireAsync(cancellationToken: context.RequestAborted);
            if (place.IsAcquired)
            {
                await AnswerAsync(context, next);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            }
        };
    }

    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = SlowestScrape;
        }

        var answer = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var body = context.Response.Body;
        try
        {
            context.Response.Body = answer.Writer.AsStream();
            try
            {
                await next(context);
            }
            finally
            {
                context.Response.Body = body;
                await answer.Writer.CompleteAsync();
            }

            await answer.Reader.CopyToAsync(body, context.RequestAborted);
        }
        finally
        {
            await answer.Reader.CompleteAsync();
        }
    }

    private static bool IsProbe(PathString path) =>
        path.StartsWithSegments("/health") || path.StartsWithSegments("/alive") || path.StartsWithSegments(MetricsPath);

    /// <summary>Hides the attributes that a client filled with an API key.</summary>
    private static void HideKeys(Activity span)
    {
        foreach (var name in GivenByClients)
        {
            if (MisplacedKeys.IsIn(span.GetTagItem(name) as string))
            {
                span.SetTag(name, "***");
            }
        }
    }

    /// <summary>Names the resource as the program when it has no name: two services of one trace must be distinguishable. An instance without a name gets a random one.</summary>
    private static void Name(ResourceBuilder resource, IConfiguration configuration, string program)
    {
        var attributes = configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "";
        if (configuration["OTEL_SERVICE_NAME"] is null or "" && !attributes.Contains("service.name=", StringComparison.Ordinal))
        {
            resource.AddService(program, autoGenerateServiceInstanceId: !attributes.Contains("service.instance.id=", StringComparison.Ordinal));
        }
    }

    private static MeterProviderBuilder LeaveOut(this MeterProviderBuilder metrics, string[] instruments) =>
        instruments.Aggregate(metrics, static (builder, instrument) => builder.AddView(instrument, MetricStreamConfiguration.Drop));
}
