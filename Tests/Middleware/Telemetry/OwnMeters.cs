using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Endpoints;
using Middleware.Telemetry;

namespace Tests.Middleware.Telemetry;

/// <summary>Meters of a test, and the metrics on them, which end with it: each listener that starts looks at all instruments of the process.</summary>
internal sealed class OwnMeters : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<MiddlewareMetrics> _metrics = [];

    public IMeterFactory Factory => _services.GetRequiredService<IMeterFactory>();

    /// <summary>Metrics that follow a registry.</summary>
    public MiddlewareMetrics Of(EndpointRegistry registry)
    {
        var metrics = new MiddlewareMetrics(Factory);
        _metrics.Add(metrics);
        registry.Changed += metrics.Follow;
        foreach (var endpoint in registry.All)
        {
            metrics.Follow(new EndpointChanged(null, endpoint));
        }

        return metrics;
    }

    public void Dispose()
    {
        _metrics.ForEach(static metrics => metrics.Dispose());
        _services.Dispose();
    }
}
