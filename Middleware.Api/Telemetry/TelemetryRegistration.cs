using System.Diagnostics.Metrics;
using Middleware.Endpoints;
using OpenTelemetry.Metrics;

namespace Middleware.Telemetry;

/// <summary>Registers the metrics and the limit of their series.</summary>
internal static class TelemetryRegistration
{
    /// <summary>
    /// The most streams. An endpoint that is delivered to has three, and at most seven. Those past the limit are not measured, and the streams of deleted
    /// endpoints count until the process ends.
    /// </summary>
    private const int MostStreams = 32_768;

    /// <summary>The most endpoints beside those of <c>MAX_ENDPOINTS</c> that gauges have room for: those of deleted endpoints count until the process ends.</summary>
    private const int MostDeleted = 8_192;

    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.AddSingleton<MiddlewareMetrics>();
        services.AddSingleton<Defects>();
        services.ConfigureOpenTelemetryMeterProvider(static (provider, metrics) =>
        {
            var own = provider.GetRequiredService<IMeterFactory>();
            metrics.SetMaxMetricStreams(MostStreams).AddView(instrument => instrument.Meter.Scope == own ? LimitOf(instrument, provider) : null);
        });
        return services;
    }

    /// <summary>Limits the series of an instrument. Room is set aside for all it may have: of an endpoint these are few, not thousands.</summary>
    private static MetricStreamConfiguration? LimitOf(Instrument instrument, IServiceProvider services) =>
        instrument.Meter.Name != MiddlewareMetrics.Name ? null : new MetricStreamConfiguration
        {
            CardinalityLimit = instrument switch
            {
                Counter<long> => EndpointMeter.MostReasons,
                { IsObservable: true } => services.GetRequiredService<EndpointLimits>().MostEndpoints + MostDeleted,
                _ => 1,
            },
        };
}
