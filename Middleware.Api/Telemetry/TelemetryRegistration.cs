using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Middleware.Telemetry;

/// <summary>Registers the metrics and how much of them is held.</summary>
internal static class TelemetryRegistration
{
    /// <summary>
    /// An endpoint has four streams, and five more once it is sent to. Those that come when there are so many are not measured, and the
    /// streams of deleted endpoints count until the process ends.
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

    /// <summary>Room is set aside for all series that an instrument may have: of an endpoint these are few, not thousands.</summary>
    private static MetricStreamConfiguration? LimitOf(Instrument instrument) =>
        instrument.Meter.Name == MiddlewareMetrics.Name
            ? new MetricStreamConfiguration { CardinalityLimit = instrument is Counter<long> ? EndpointMeter.MostReasons : 1 }
            : null;
}
