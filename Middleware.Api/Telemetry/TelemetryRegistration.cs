using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Middleware.Telemetry;

/// <summary>Registers the metrics and the limit of their series.</summary>
internal static class TelemetryRegistration
{
    /// <summary>
    /// The most streams. An endpoint has four, and five more once it is sent to. Those past the limit are not measured, and the streams of deleted
    /// endpoints count until the process ends.
    /// </summary>
    private const int MostStreams = 32_768;

    public static IServiceCollection AddTelemetry(this IServiceCollection services)
    {
        services.AddSingleton<MiddlewareMetrics>();
        services.AddSingleton<Defects>();
        services.ConfigureOpenTelemetryMeterProvider(static (provider, metrics) =>
        {
            var own = provider.GetRequiredService<IMeterFactory>();
            metrics.SetMaxMetricStreams(MostStreams).AddView(instrument => instrument.Meter.Scope == own ? LimitOf(instrument) : null);
        });
        return services;
    }

    /// <summary>Limits the series of an instrument. Room is set aside for all it may have: of an endpoint these are few, not thousands.</summary>
    private static MetricStreamConfiguration? LimitOf(Instrument instrument) =>
        instrument.Meter.Name == MiddlewareMetrics.Name
            ? new MetricStreamConfiguration { CardinalityLimit = instrument is Counter<long> ? EndpointMeter.MostReasons : 1 }
            : null;
}
