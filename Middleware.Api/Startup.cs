using Microsoft.AspNetCore.Hosting.Server;
using Middleware.Accepting;
using Middleware.Callers;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Health;
using Middleware.Http;
using Middleware.Platform;
using Middleware.Sending;
using Middleware.Stats;
using Middleware.Telemetry;
using ServiceDefaults;
using ServiceDefaults.Connections;
using ServiceDefaults.Limits;
using ServiceDefaults.Settings;

namespace Middleware;

/// <summary>
/// The order in which the parts of the service start and stop, and the parts that follow changes of others: nothing else starts or subscribes.
/// </summary>
internal sealed class Startup(
    IDeliveryStore store,
    ManageKeys keys,
    SecretSettings secrets,
    EndpointRegistry endpoints,
    ManageEndpoints manage,
    DeclareEndpoints declare,
    DeclaredEndpoints declared,
    Circuits circuits,
    DeliveryResults results,
    MiddlewareMetrics metrics,
    StateMetrics states,
    PlatformEvents platform,
    EndpointTransports transports,
    RateLimiting rates,
    EarlyRefusals early,
    RefusalLog refusals,
    LaneHost lanes,
    ILaneOwnership ownership,
    RepeatedWorks loops,
    KeepStats stats,
    ConnectionDrain connections,
    IServer server,
    IHostApplicationLifetime lifetime,
    ShutdownSettings shutdown,
    TimeProvider clock) : IHostedLifecycleService
{
    // Both phases of a stop keep to their own time; the host's is a bound on the whole.
    private static readonly TimeSpan HostMargin = TimeSpan.FromSeconds(5);

    private readonly Lock _stopping = new();
    private Task? _stop;

    /// <summary>Registers it before all other services of the host.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<RepeatedWorks>();
        services.AddHostedService<Startup>();

        // The host asks for this before the settings are checked; their faults are reported then.
        services.AddOptions<HostOptions>().Configure<IConfiguration>(static (options, configuration) =>
            options.ShutdownTimeout = (2 * ShutdownSettings.Read(new SettingsReader(configuration)).Timeout) + HostMargin);
    }

    /// <summary>Prepares deliveries and requests. A failure refuses the start: nothing is sent or answered yet.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => RefuseWithoutStoreAsync(PrepareAsync, cancellationToken);

    /// <summary>Begins to deliver; the server, which starts after this, begins to accept.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        endpoints.Changed += lanes.Follow;
        return RefuseWithoutStoreAsync(lanes.StartAsync, cancellationToken);
    }

    /// <summary>Begins the repeated work: a start that is refused logs its reason alone.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        keys.WarnIfOff();
        foreach (var loop in loops.All)
        {
            await loop.StartAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Ends the streams, the connections and the requests. Requests that still run when <c>SHUTDOWN_TIMEOUT</c> has passed are cut off. The host has one time-out for all its services:
    /// one slow request would use up that of the deliveries.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        // Streams end by this token; a host that is asked to stop directly has not cancelled it yet.
        lifetime.StopApplication();
        using var bound = new CancellationTokenSource(shutdown.Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        await connections.ExecuteAsync(either.Token);
        await server.StopAsync(either.Token);
    }

    /// <summary>Ends the loops and the deliveries, once: who asks again waits for the same, since the store is closed after either.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_stopping)
        {
            return _stop ??= StopAllAsync(cancellationToken);
        }
    }

    /// <summary>The store is closed by the container, after all its users.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A store that is lost during the start refuses it. That is no defect: the service can be started again.</summary>
    private static async Task RefuseWithoutStoreAsync(Func<CancellationToken, Task> part, CancellationToken cancellationToken)
    {
        try
        {
            await part(cancellationToken);
        }
        catch (StoreUnavailableException exception)
        {
            throw new StartRefusedException($"The start needs the store. {exception.Message}", exception);
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        LoadedEarly.Load();
        await store.OpenAsync(lanes, cancellationToken);

        states.Start();
        endpoints.Changed += metrics.Follow;
        endpoints.Changed += transports.Follow;
        endpoints.Changed += platform.Follow;
        circuits.Opened += platform.Opened;
        results.GivenUp += platform.GivenUp;
        early.Refused += refusals.NoteBefore;
        secrets.Follow(AuthSettings.Read, keys.Follow, Setting.AdminKey.Name, Setting.JwtJwks.Name);
        await keys.LoadAsync();
        rates.Refused += refusals.NoteBefore;
        await manage.LoadAsync();
        await declare.ExecuteAsync(declared.Read());
    }

    private async Task StopAllAsync(CancellationToken cancellationToken)
    {
        // A round that waits for the database keeps no lane from the other replicas.
        var ended = Task.WhenAll(loops.All.Select(loop => loop.StopAsync(cancellationToken)));
        endpoints.Changed -= lanes.Follow;
        await ownership.StopAsync(cancellationToken);
        await ended;
        await lanes.StopAsync(cancellationToken);
        await stats.StopAsync();
    }
}
