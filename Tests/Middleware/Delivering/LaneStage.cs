using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Health;
using Middleware.Storage;
using Middleware.Storage.Sql;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Delivering;

/// <summary>A running lane host with one endpoint, its time in the test's hands.</summary>
internal sealed class LaneStage : IAsyncDisposable
{
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    private readonly OwnMeters _meters = new();
    private readonly IEventStore _store;
    private readonly LaneHost _host;

    public LaneStage(WebhookEndpoint? endpoint, TestClock clock, IDeliveryClient client, IEventStore? store = null)
    {
        _store = store ?? Made.Store(clock, log: Log.For<SqlEventStore>());
        Endpoints = Made.Registry(endpoint);
        Circuits = new Circuits(clock, Log.For<Circuits>());
        var metrics = _meters.Of(Endpoints);
        new StateMetrics(_meters.Factory, metrics, _store, new MadeLanes.KeptNowhere(), Circuits, OwnsAll.Instance, clock).Start();
        _host = MadeLanes.Lanes(_store, client, Endpoints, Circuits, metrics, ShutdownTimeout, clock, Log);
    }

    public CapturedLog Log { get; } = new();

    public EndpointRegistry Endpoints { get; }

    public Circuits Circuits { get; }

    public bool IsRunning => _host.IsRunning;

    public CircuitState State => Circuits.StateOf(EndpointId.Default);

    public int Pending => Endpoints.All.Sum(endpoint => _store.Waiting(endpoint.Id));

    /// <summary>The workers that have a shipment under way.</summary>
    public int Busy => Gauge("integration.workers.busy");

    /// <summary>The value of a gauge.</summary>
    public int Gauge(string name = "integration.circuit.state") => Gauges.Read(_meters.Factory, name, EndpointId.Default);

    public Task Start() => _host.StartAsync(_store, Endpoints).InTime();

    public Task StopAsync() => _host.StopAsync(Waiting.Cancellation).InTime();

    /// <summary>Has the store accept events for the endpoint as it is.</summary>
    public async Task<List<IntegrationEvent>> Accept(int count, Priority priority = Priority.Low, string payload = "{}")
    {
        var accepted = Enumerable.Range(0, count).Select(_ => Made.Event(priority, payload: payload)).ToList();
        await _store.AcceptAsync([.. accepted.Select(one => Made.Routed(one, Endpoints.All))], null, Waiting.Cancellation);
        return accepted;
    }

    public ValueTask DisposeAsync()
    {
        _host.Dispose();
        (_store as IDisposable)?.Dispose();
        _meters.Dispose();
        return ValueTask.CompletedTask;
    }
}
