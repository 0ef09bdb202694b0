using Microsoft.Extensions.Options;
using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>Registers the lanes as a hosted service, and how long the host waits for them.</summary>
internal static class WorkersRegistration
{
    // Both phases keep to their own time; the host's is a bound on the whole.
    private static readonly TimeSpan HostMargin = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddWorkers(this IServiceCollection services)
    {
        services.AddSingleton<LaneHost>();
        services.AddHostedService(static provider => provider.GetRequiredService<LaneHost>());
        services.AddHostedService<RedeliveryLoop>();
        services.AddHostedService<ReplayLoop>();
        services.AddHostedService<RetentionLoop>();
        services.AddHealthChecks().AddCheck<WorkersCheck>("workers");
        services.AddSingleton<IConfigureOptions<HostOptions>>(static provider => new ConfigureOptions<HostOptions>(
            options => options.ShutdownTimeout = (2 * provider.GetRequiredService<ShutdownSettings>().Timeout) + HostMargin));
        return services;
    }
}
