using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ServiceDefaults.Health;

/// <summary>Registers the health checks: liveness asks only whether the process answers, readiness asks every check.</summary>
internal static class HealthRegistration
{
    private const string Live = "live";

    public static void AddServiceHealth(this IServiceCollection services) => services
        .AddHealthChecks()
        .AddCheck("process", static () => HealthCheckResult.Healthy(), [Live])
        .AddCheck<StoppingCheck>("stopping");

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var live = new HealthCheckOptions { Predicate = static check => check.Tags.Contains(Live), ResponseWriter = HealthReportJson.WriteAsync };
        var ready = new HealthCheckOptions { ResponseWriter = HealthReportJson.WriteAsync };

        var probes = routes.MapGroup("").WithMetadata(new HttpMethodMetadata([HttpMethods.Get]), new Probe());
        probes.MapHealthChecks("/alive", live);
        probes.MapHealthChecks("/health/live", live);
        probes.MapHealthChecks("/health", ready);
        probes.MapHealthChecks("/health/ready", ready);
    }

    /// <summary>Fails while the service stops: it takes no new work.</summary>
    private sealed class StoppingCheck(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
            Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested
                ? HealthCheckResult.Unhealthy("the service is stopping")
                : HealthCheckResult.Healthy());
    }
}

/// <summary>Marks the routes of probes, which know the service by its address alone.</summary>
public sealed class Probe;

/// <summary>Marks a request of a probe that gets the status alone (a feature of the request).</summary>
public sealed class StatusOnly
{
    /// <summary>The mark.</summary>
    public static readonly StatusOnly Mark = new();

    private StatusOnly()
    {
    }
}
