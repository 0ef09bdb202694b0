using Middleware.UseCases;
using ServiceDefaults;
using ServiceDefaults.Settings;

namespace Middleware.Workers;

/// <summary>Registers the lanes as a hosted service, and how long the host waits for them.</summary>
internal static class WorkersRegistration
{
    // Both phases keep to their own time; the host's is a bound on the whole.
    private static readonly TimeSpan HostMargin = TimeSpan.FromSeconds(5);

    public static IServiceCollection AddWorkers(this IServiceCollection services)
    {
        services.AddSingleton(static provider => new StartStep(provider.GetRequiredService<LaneHost>().OpenAsync));
        services.AddSingleton(static provider =>
        {
            // Made before anything is loaded, so that it hears of what the start disables.
            _ = provider.GetRequiredService<PlatformEvents>();
            return new StartStep(_ => provider.GetRequiredService<ManageEndpoints>().LoadAsync());
        });
        services.AddSingleton<LaneHost>();
        services.AddHostedService(static provider => provider.GetRequiredService<LaneHost>());
        services.Repeat<QueueDue>("redelivery", QueueDue.Interval, static (work, stop) => work.ExecuteAsync(stop));
        services.Repeat<PlatformEvents>("platform_events", TimeSpan.Zero, static (work, stop) => work.PostNextAsync(stop));
        services.Repeat<RunReplays>("replays", RunReplays.Interval, static (work, stop) => work.ExecuteAllAsync(stop));
        services.Repeat<PurgeOld>("retention", PurgeOld.Interval, static (work, stop) => work.ExecuteAsync(stop));
        services.Repeat<ClearDeleted>("clearing", ClearDeleted.Interval, static (work, stop) => work.ExecuteAllAsync(stop));
        services.AddHealthChecks().AddCheck<WorkersCheck>("workers").AddCheck<DefectsCheck>("defects");

        // It remembers what it found.
        services.AddSingleton<EndpointsCheck>();
        services.AddHealthChecks().AddCheck<EndpointsCheck>("endpoints");

        // The host asks for this before the settings are checked; what is wrong with them is said then.
        services.AddOptions<HostOptions>().Configure<IConfiguration>(static (options, configuration) =>
            options.ShutdownTimeout = (2 * ShutdownSettings.Read(new SettingsReader(configuration)).Timeout) + HostMargin);
        return services;
    }

    private static void Repeat<T>(this IServiceCollection services, string name, TimeSpan interval, Func<T, CancellationToken, Task> work)
        where T : notnull => services.AddSingleton<IHostedService>(provider =>
        {
            var part = provider.GetRequiredService<T>();
            return new RepeatedWork(
                name,
                interval,
                stop => work(part, stop),
                provider.GetRequiredService<Defects>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<RepeatedWork>>());
        });
}
