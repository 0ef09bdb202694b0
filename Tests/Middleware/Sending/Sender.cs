using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Sending;
using Middleware.Telemetry;
using Tests.Middleware.Delivering;

namespace Tests.Middleware.Sending;

/// <summary>The tries of a shipment, and what the last of them decided.</summary>
internal sealed record SentShipment(IReadOnlyList<Attempt> Attempts, DeliveryOutcome Outcome)
{
    public Attempt Last => Attempts[^1];

    public bool IsDelivered => Outcome.Kind == OutcomeKind.Delivered;
}

/// <summary>The delivery client as the service has it, with its time in the test's hands.</summary>
internal sealed class Sender : IAsyncDisposable
{
    /// <summary>Pauses end at once; the time-out of a try (3 s) does not.</summary>
    public static readonly TimeSpan Pauses = TimeSpan.FromSeconds(2);

    private readonly ServiceProvider _services;
    private readonly TestClock _clock;
    private readonly MiddlewareMetrics _metrics = Made.Metrics();

    public Sender(TestClock clock, params (string Name, string Value)[] settings)
        : this(clock, null, settings)
    {
    }

    /// <summary>With a resolver in the place of the machine's.</summary>
    public Sender(TestClock clock, HostResolver? resolver, params (string Name, string Value)[] settings)
    {
        _clock = clock;
        var services = Services(clock, settings);
        if (resolver is not null)
        {
            services.AddSingleton(resolver);
        }

        _services = services.BuildServiceProvider();
        Endpoints.Changed += _services.GetRequiredService<EndpointTransports>().Follow;
    }

    /// <summary>All that sends; in the environment <c>Production</c>, unless a setting <c>ENVIRONMENT</c> says another.</summary>
    public static IServiceCollection Services(TestClock clock, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
            .Build();
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton<IHostEnvironment>(new HostingEnvironment { EnvironmentName = configuration["ENVIRONMENT"] ?? Environments.Production })
            .AddSingleton<TimeProvider>(clock)
            .AddLogging()
            .AddServiceDiscovery()
            .AddSingleton(new EndpointRegistry())
            .AddSending();
    }

    /// <summary>A resolver that knows these addresses for every host.</summary>
    public static HostResolver Resolving(params string[] addresses) => (_, _) => Task.FromResult(addresses.Select(IPAddress.Parse).ToArray());

    public IDeliveryClient Client => _services.GetRequiredService<IDeliveryClient>();

    public EndpointRegistry Endpoints => _services.GetRequiredService<EndpointRegistry>();

    public Task<SentShipment> Send(Uri url, int maxRetries = 3, IntegrationEvent? sent = null, CancellationToken? cancellation = null) =>
        Send(Endpoint(url, maxRetries), sent, cancellation);

    public Task<SentShipment> Send(WebhookEndpoint endpoint, IntegrationEvent? sent = null, CancellationToken? cancellation = null) =>
        Send(endpoint, Shipment.Of(Delivery.Of(sent ?? Made.Event(), 1, endpoint.Id)), cancellation);

    public async Task<SentShipment> Send(WebhookEndpoint endpoint, Shipment shipment, CancellationToken? cancellation = null)
    {
        var store = new ListStore();
        Endpoints.Set(endpoint);
        using var circuit = new Circuit(_clock, cancellation ?? default);
        var stop = new StopSignals(cancellation ?? default, cancellation ?? Waiting.Cancellation);
        var fastTier = MadeLanes.Shipments(store, Client, Endpoints, _metrics, _clock, NullLoggerFactory.Instance, clockOfLines: new TestClock());
        Assert.Empty(await fastTier.ExecuteAsync(shipment, circuit.TryEnter(out _)!, stop).InTime());
        return new SentShipment([.. store.Recorded.Select(static one => one.Attempt)], store.Recorded[^1].Outcomes[0]);
    }

    public static WebhookEndpoint Endpoint(Uri url, int maxRetries) => Made.Endpoint(
        url: url, retries: new RetryPlan(TimeSpan.FromSeconds(3), maxRetries, TimeSpan.FromMilliseconds(500)));

    public ValueTask DisposeAsync()
    {
        _metrics.Dispose();
        return _services.DisposeAsync();
    }
}
