using AspireIntegration.Client.Operating;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AspireIntegration.Client.Hosting;

/// <summary>Checks whether the service can do its work.</summary>
internal sealed class ReadyCheck(AspireIntegrationClient client) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var answer = await client.Health.ReadyAsync(cancellationToken).ConfigureAwait(false);
            return answer.Status switch
            {
                CheckStatus.Healthy => HealthCheckResult.Healthy(),
                CheckStatus.Degraded => HealthCheckResult.Degraded("The middleware works, with a fault."),
                _ => new HealthCheckResult(context.Registration.FailureStatus, $"The middleware cannot do its work: it is {answer.Status}."),
            };
        }
        catch (Exception failure) when (failure is HttpRequestException or AspireIntegrationException or InvalidOperationException or OperationCanceledException)
        {
            // A check that the caller ends is reported too: the framework says which limit it was.
            cancellationToken.ThrowIfCancellationRequested();
            return new HealthCheckResult(context.Registration.FailureStatus, "The middleware does not answer.", failure);
        }
    }
}
