using ServiceDefaults.Settings;

namespace Middleware.UseCases;

/// <summary>Registers the use cases and the settings they share.</summary>
internal static class UseCasesRegistration
{
    public static IServiceCollection AddUseCases(this IServiceCollection services) => services
        .AddSettings(BuiltInEndpoint.Read)
        .AddSettings(ShutdownSettings.Read)
        .AddSettings(RetentionSettings.Read)
        .AddSingleton<Func<double>>(new Random().NextDouble)
        .AddSingleton<EndpointRegistry>()
        .AddSingleton<MiddlewareMetrics>()
        .AddSingleton<AcceptEvent>()
        .AddSingleton<DeliverEvent>()
        .AddSingleton<StartReplay>()
        .AddSingleton<RunReplays>()
        .AddSingleton<PurgeOld>()
        .AddSingleton<ReplayEvent>()
        .AddSingleton<ReplayDeadLetter>()
        .AddSingleton<DiscardDeadLetter>();
}
