using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Middleware.Workers;

/// <summary>Ready only while deliveries are taken from the lanes.</summary>
internal sealed class WorkersCheck(LaneHost lanes) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(lanes.IsRunning ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("no worker is running"));
}
