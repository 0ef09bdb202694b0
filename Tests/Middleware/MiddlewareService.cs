using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage;
using Middleware.Storage.Postgres;
using Tests.Middleware.Storage;

namespace Tests.Middleware;

/// <summary>The service as it runs on a folder of its own, with its time, its receivers and its log in the test's hands. It can end and start again.</summary>
internal sealed class MiddlewareService(params (string Name, string Value)[] settings) : IAsyncDisposable
{
    private readonly StoreFolder _folder = new();
    private readonly string _builtIn = "http://receiver.test/";
    private readonly Lock _starting = new();
    private bool _isOnKestrel;

    /// <summary>Puts other services in the place of the service's or the test's.</summary>
    public Action<IServiceCollection>? With { get; set; }

    /// <summary>The settings of the next start.</summary>
    public IReadOnlyList<(string Name, string Value)> Settings { get; set; } = settings;

    public TestClock Clock { get => field ??= new TestClock(); set; }

    public FakeDeliveryClient Receiver { get => field ??= new FakeDeliveryClient(Clock); private set; }

    public CapturedLog Log { get; } = new();

    public string DatabasePath => Path.Combine(_folder.Path, "events.db");

    public HttpClient Http
    {
        get
        {
            // Requests at once start one service.
            lock (_starting)
            {
                return field ??= Running.CreateClient();
            }
        }

        private set;
    }

    public IServiceProvider Services => Running.Services;

    public EndpointRegistry Endpoints => Services.GetRequiredService<EndpointRegistry>();

    public IEventStore Store => Services.GetRequiredService<IEventStore>();

    /// <summary>The number of deliveries that wait for the built-in endpoint, those under way included.</summary>
    public int Waits => Store.Waiting(EndpointId.Default);

    /// <summary>The same for all endpoints.</summary>
    public int WaitsInAll => Endpoints.All.Sum(endpoint => Store.Waiting(endpoint.Id));

    private Factory Running { get => field ??= new Factory(this); set; }

    /// <summary>A service on the store that ends with it.</summary>
    public static MiddlewareService InMemory(params (string Name, string Value)[] settings) => new([("ConnectionStrings:events", "memory"), ("WORKER_COUNT", "10"), .. settings]);

    /// <summary>A service that listens on a port, for what the server decides.</summary>
    public static MiddlewareService OnKestrel(params (string Name, string Value)[] settings) => new(settings) { _isOnKestrel = true };

    /// <summary>A service without the built-in endpoint.</summary>
    public static MiddlewareService WithoutEndpoint(params (string Name, string Value)[] settings) => new("", settings);

    private MiddlewareService(string builtIn, (string Name, string Value)[] settings)
        : this(settings) => _builtIn = builtIn;

    /// <summary>Listens on a port, for what the server decides. Before the first request.</summary>
    public void UseKestrel() => _isOnKestrel = true;

    /// <summary>Ends the service and starts it on what it left, with another clock and another receiver.</summary>
    /// <param name="meanwhile">What is done to its files before the start.</param>
    public async Task Restart(Action? meanwhile = null)
    {
        await Running.DisposeAsync();

        // The program ends on a thread of its own, and lets go of the store last.
        await Waiting.Until(() => StoreFolder.IsFree(_folder.Path));
        meanwhile?.Invoke();
        (Clock, Receiver, Http, Running) = (null!, null!, null!, null!);
    }

    /// <summary>The same with other settings.</summary>
    public Task RestartWith(params IReadOnlyList<(string Name, string Value)> settings)
    {
        Settings = settings;
        return Restart();
    }

    public async ValueTask DisposeAsync()
    {
        // The time goes on: what waits for an answer or for its next try keeps the service from its end for as long as it may.
        var ending = Running.DisposeAsync().AsTask();
        while (!ending.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(ending, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System));
        }

        await ending;
        _folder.Dispose();
    }

    private void Configure(IWebHostBuilder builder)
    {
        builder.UseSetting("urls", "http://127.0.0.1:0");
        foreach (var parts in StoreFolder.Settings(_folder.Path).Select(static setting => setting.Split('=', 2)))
        {
            builder.UseSetting(parts[0].Replace("__", ":", StringComparison.Ordinal), parts[1]);
        }

        builder.UseSetting("EXTERNAL_ENDPOINT_URL", _builtIn);

        // The receiver's answer to a try is the end of a delivery, unless a test has more.
        builder.UseSetting("MAX_RETRIES", "0");
        builder.UseSetting("REDELIVERY_SCHEDULE", "");

        // What is sent keeps its order only where one worker sends it.
        builder.UseSetting("WORKER_COUNT", "1");
        if (StoreFolder.IsPostgres)
        {
            // The handing over of lanes waits in the machine's time for attempts under way, which the test may hold.
            builder.UseSetting("SHUTDOWN_TIMEOUT", "100ms");
        }

        foreach (var (name, value) in Settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log));
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<TimeProvider>(Clock);
            services.AddSingleton<IDeliveryClient>(Receiver);
            services.AddSingleton<Func<double>>(static () => 0.5);
            if (StoreFolder.IsPostgres)
            {
                services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PostgresEngine>(provider, new TickingClock(Clock)));
                services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PostgresOwnership>(provider, new TickingClock(Clock)));
            }

            With?.Invoke(services);
        });
    }

    private sealed class Factory : WebApplicationFactory<IntegrationEvent>
    {
        private readonly MiddlewareService _service;

        public Factory(MiddlewareService service)
        {
            _service = service;
            if (service._isOnKestrel)
            {
                UseKestrel();
            }
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder) => _service.Configure(builder);
    }
}
