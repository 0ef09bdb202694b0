using Microsoft.Extensions.Diagnostics.HealthChecks;
using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>Degraded for 5 minutes after a defect: the service goes on, and somebody should read its log.</summary>
internal sealed class DefectsCheck(Defects defects) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(defects.Recent is { } part
            ? HealthCheckResult.Degraded($"a defect in the part {part}; the log has it at level critical")
            : HealthCheckResult.Healthy());
}
