using System.Diagnostics.Metrics;
using Middleware.Endpoints;
using OpenTelemetry.Metrics;

namespace Middleware.Telemetry;

/// <summary>Registers the metrics and the limit of their series.</summary>
internal static class TelemetryRegistration
{
    /// <summary>
    /// The most streams: an endpoint that is delivered to has two, its durations. For each new one all are walked, so that many make the first deliveries slow. Those past
    /// the limit are not measured, and the streams of deleted endpoints count until the process ends.
    /// </summary>
    private const int MostStreams = 8_192;

    /// <summary>The most endpoints beside those of <c>MAX_ENDPOINTS</c> that the other series have room for: those of deleted endpoints count until the process ends.</summary>
    private const int MostDeleted = 8_192;

    /// <summary>The outcomes of an endpoint that there is room for: few endpoints have many.</summary>
    private const int OutcomesOfEndpoint = 4;

    /// <summary>The most values of a reason for a refusal, and of a part with a defect.</summary>
    private const int MostReasons = 96;

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

    /// <summary>Limits the series of an instrument. Room is set aside for all that it may have.</summary>
    private static MetricStreamConfiguration? LimitOf(Instrument instrument, IServiceProvider services) =>
        instrument.Meter.Name == MiddlewareMetrics.Name ? new MetricStreamConfiguration { CardinalityLimit = SeriesOf(instrument, services) } : null;

    private static int SeriesOf(Instrument instrument, IServiceProvider services) => instrument switch
    {
        { IsObservable: true } => (services.GetRequiredService<EndpointLimits>().MostEndpoints + MostDeleted)
            * (instrument.Name is MiddlewareMetrics.Attempts or MiddlewareMetrics.DeadLetters ? OutcomesOfEndpoint : 1),
        Counter<long> => MostReasons,
        _ => 1,
    };
}
