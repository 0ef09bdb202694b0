namespace Middleware.Workers;

/// <summary>Registers the lanes and what the health of the service says of them.</summary>
internal static class WorkersRegistration
{
    public static IServiceCollection AddWorkers(this IServiceCollection services)
    {
        services.AddSingleton<LaneHost>();

        // It remembers what it found.
        services.AddSingleton<EndpointsCheck>();
        services.AddHealthChecks().AddCheck<WorkersCheck>("workers").AddCheck<DefectsCheck>("defects").AddCheck<EndpointsCheck>("endpoints");
        return services;
    }
}
