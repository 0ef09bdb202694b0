using Microsoft.Extensions.Logging;
using Middleware.Storage.Memory;
using Middleware.UseCases;
using Middleware.Workers;

namespace Tests.Middleware;

/// <summary>Makes the lanes as the service does, for stages that bring their own store, receivers and time.</summary>
internal static class Delivering
{
    public static LaneHost Lanes(
        IEventStore store,
        IDeliveryClient client,
        EndpointRegistry endpoints,
        Circuits circuits,
        MiddlewareMetrics metrics,
        TimeSpan shutdown,
        TimeProvider clock,
        ILoggerFactory loggers,
        EndpointLimits? limits = null)
    {
        var results = new DeliveryResults(metrics, clock, static () => 0.5, loggers.CreateLogger<DeliveryResults>());

        // What is disabled is forgotten with the stage.
        var manage = new ManageEndpoints(new MemoryEndpoints(new MemoryEventStore(clock)), endpoints, new EndpointLimits(1_000, 2_000), clock, loggers.CreateLogger<ManageEndpoints>());
        var disable = new DisableFailing(store, manage, new DisableSettings(TimeSpan.FromDays(5)), clock, loggers.CreateLogger<DisableFailing>());
        return new LaneHost(
            store,
            endpoints,
            circuits,
            new DeliverEvent(store, client, endpoints, results, disable, clock),
            new DeliverBatch(store, client, endpoints, results, disable, clock, loggers.CreateLogger<DeliverBatch>()),
            limits ?? new EndpointLimits(1_000, 2_000),
            new ShutdownSettings(shutdown),
            clock,
            loggers,
            loggers.CreateLogger<LaneHost>());
    }
}
