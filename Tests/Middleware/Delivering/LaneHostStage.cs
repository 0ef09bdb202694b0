using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Storage;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Delivering;

/// <summary>A lane host over a store, a fake receiver and a clock that the test moves.</summary>
public abstract class LaneHostStage : IDisposable
{
    private protected static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private SqlEventStore? _store;

    private protected FakeDeliveryClient Client { get; } = new();

    private protected TestClock Clock { get; } = new();

    private protected CapturedLog Log { get; } = new();

    private protected EndpointRegistry Endpoints { get; private set; } = null!;

    public void Dispose()
    {
        _store?.Dispose();
        _services.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task<(LaneHost Host, SqlEventStore Store)> Start(WebhookEndpoint? endpoint)
    {
        var store = _store = Made.Store(Clock, log: Log.For<SqlEventStore>());
        var host = Create(endpoint, store);
        await host.StartAsync(store, Endpoints);
        return (host, store);
    }

    private protected LaneHost Create(WebhookEndpoint? endpoint, IEventStore store, ILoggerFactory? loggers = null)
    {
        var endpoints = Endpoints = Made.Registry(endpoint);
        var circuits = new Circuits(Clock, Log.For<Circuits>());
        var metrics = Made.Metrics(_services.GetRequiredService<IMeterFactory>(), endpoints);
        return MadeLanes.Lanes(store, Client, endpoints, circuits, metrics, ShutdownTimeout, Clock, loggers ?? Log);
    }

    private protected static Task Stop(LaneHost host) => host.StopAsync(Waiting.Cancellation).InTime();

    private protected static async Task Accept(SqlEventStore store, int count, WebhookEndpoint? endpoint = null)
    {
        for (var number = 0; number < count; number++)
        {
            var routed = new RoutedEvent(Made.Event(), [endpoint ?? Made.Endpoint(queueSize: 10_000)]);
            var result = await store.AcceptAsync([routed], null, Waiting.Cancellation);
            Assert.Equal(AcceptOutcome.Accepted, result.Events[0].Outcome);
        }
    }
}
