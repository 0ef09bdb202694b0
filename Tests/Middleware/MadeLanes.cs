using Microsoft.Extensions.Logging;
using Middleware;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Telemetry;

namespace Tests.Middleware;

/// <summary>Makes the lanes as the service does, for stages that bring their own store, receivers and time.</summary>
internal static class MadeLanes
{
    private static readonly EndpointLimits Limits = new(MostEndpoints: 1_000, MostWorkers: 2_000);

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
        => new(
            store,
            endpoints,
            circuits,
            Shipments(store, client, endpoints, metrics, clock, loggers),
            Made.Defects(clock, loggers),
            limits ?? Limits,
            OwnsAll.Instance,
            new ShutdownSettings(shutdown),
            clock,
            loggers);

    /// <summary>Opens the store and has the lanes serve the registry and follow its changes.</summary>
    public static async Task StartAsync(this LaneHost lanes, IEventStore store, EndpointRegistry endpoints)
    {
        await store.OpenAsync(lanes, Waiting.Cancellation);
        endpoints.Changed += lanes.Follow;
        await lanes.StartAsync(Waiting.Cancellation);
    }

    public static DeliverShipment Shipments(
        IEventStore store, IDeliveryClient client, EndpointRegistry endpoints, MiddlewareMetrics metrics, TimeProvider clock, ILoggerFactory loggers, TimeProvider? clockOfLines = null)
    {
        var results = new DeliveryResults(metrics, clockOfLines ?? clock, static () => 0.5, loggers.CreateLogger<DeliveryResults>());

        var manage = new ManageEndpoints(new KeptNowhere(), endpoints, Limits, clock, loggers.CreateLogger<ManageEndpoints>());
        var disable = new DisableFailing(new KeptNowhere(), manage, new DisableSettings(TimeSpan.FromDays(5)), clock, loggers.CreateLogger<DisableFailing>());
        var owed = new OwedParts(store, endpoints, results, clock, loggers.CreateLogger<OwedParts>());
        return new DeliverShipment(store, client, endpoints, owed, results, disable, Made.Defects(clock, loggers), clock, loggers.CreateLogger<DeliverShipment>());
    }

    /// <summary>Endpoints that end with the stage.</summary>
    internal sealed class KeptNowhere : IEndpointStore
    {
        public bool HasReplicas => false;

        public int Clearing => 0;

        public DateTimeOffset? FailingSince(EndpointId endpoint) => null;

        public Task<DateTimeOffset?> ReadFailingSinceAsync(EndpointId endpoint) => Task.FromResult<DateTimeOffset?>(null);

        public Task<IReadOnlyList<RegisteredEndpoint>> LoadAsync() => Task.FromResult<IReadOnlyList<RegisteredEndpoint>>([]);

        public Task<EndpointChanges?> ReadChangesAsync(Func<IReadOnlyCollection<RegisteredEndpoint>> known) => Task.FromResult<EndpointChanges?>(null);

        public Task<bool> TryBeginAsync(long generation) => Task.FromResult(true);

        public Task<bool> SaveAsync(RegisteredEndpoint endpoint, WebhookEndpoint? before, Actor by) => Task.FromResult(true);

        public Task<EndpointRemoval> RemoveAsync(EndpointId id, long version, bool deadLetterWaiting, Actor by) => Task.FromResult(EndpointRemoval.Removed);

        public Task<EndpointClearing?> ClearDeletedAsync(int limit) => Task.FromResult<EndpointClearing?>(null);

        public Task<int> ClearLeftAsync(int limit) => Task.FromResult(0);
    }
}
