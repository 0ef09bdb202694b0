using System.Security.Cryptography;
using ServiceDefaults.Settings;

namespace Middleware.UseCases;

/// <summary>Registers the use cases and the settings they share.</summary>
internal static class UseCasesRegistration
{
    public static IServiceCollection AddUseCases(this IServiceCollection services) => services
        .AddSettings(BuiltInEndpoint.Read)
        .AddSettings(EndpointDefaults.Read)
        .AddSettings(EndpointLimits.Read)
        .AddSettings(ShutdownSettings.Read)
        .AddSettings(RetentionSettings.Read)
        .AddSettings(DisableSettings.Read)
        .AddSingleton<Func<double>>(static () => RandomNumberGenerator.GetInt32(1 << 30) / (double)(1 << 30))
        .AddSingleton<EndpointRegistry>()
        .AddSingleton<ManageEndpoints>()
        .AddSingleton<DeclareEndpoints>()
        .AddSingleton<Circuits>()
        .AddSingleton<Defects>()
        .AddSingleton<ReadHealth>()
        .AddMetricsOfUseCases()
        .AddSingleton<RouteEvent>()
        .AddSingleton<AcceptEvent>()
        .AddSingleton<TestFilter>()
        .AddSingleton<TestEndpoint>()
        .AddSingleton<DeliveryResults>()
        .AddSingleton<DisableFailing>()
        .AddSingleton<PlatformEvents>()
        .AddSingleton<DeliverShipment>()
        .AddSingleton<QueueDue>()
        .AddSingleton<StartReplay>()
        .AddSingleton<RunReplays>()
        .AddSingleton<PurgeOld>()
        .AddSingleton<ClearDeleted>()
        .AddSingleton<ReplayEvent>()
        .AddSingleton<ReplayDeadLetter>()
        .AddSingleton<DiscardDeadLetter>();
}
