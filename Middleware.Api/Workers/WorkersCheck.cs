using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Middleware.Workers;

/// <summary>Ready only while deliveries are taken from the lanes.</summary>
internal sealed class WorkersCheck(LaneHost lanes) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        var data = new Dictionary<string, object> { ["lanes"] = lanes.Lanes };
        return Task.FromResult(lanes.IsRunning
            ? HealthCheckResult.Healthy(data: data)
            : HealthCheckResult.Unhealthy("deliveries are not taken", data: data));
    }
}
