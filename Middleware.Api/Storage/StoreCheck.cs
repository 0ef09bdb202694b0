using Microsoft.Extensions.Diagnostics.HealthChecks;
using Middleware.Delivering;

namespace Middleware.Storage;

/// <summary>Ready only while the store can be written. Reads the writer's last failure, and writes nothing itself.</summary>
internal sealed class StoreCheck(IDeliveryStore store) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(store.Failure is { } failure ? HealthCheckResult.Unhealthy(failure) : HealthCheckResult.Healthy());
}
