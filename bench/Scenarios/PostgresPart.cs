using Tests.Middleware.Storage.Postgres;

namespace Bench.Scenarios;

/// <summary>
/// Replicas on a PostgreSQL server of their own, or a service on SQLite, that accept and deliver at once: each event goes to one of the endpoints. The CPU is that of all
/// of them and of the server.
/// </summary>
internal sealed class PostgresPart
{
    private readonly PostgresDatabase? _database;
    private readonly Flow _flow;

    private PostgresPart(Options options, Series series, List<ServiceProcess> services, PostgresDatabase? database, Flow flow)
    {
        (_database, _flow) = (database, flow);
        Candidate = new(series, services, token => SendAsync(Pace.Saturate(TimeSpan.FromSeconds(options.Warmup)), token), token => flow.MeasureAsync(options.Events, token), CheckAsync);
    }

    /// <summary>Its rounds beside those of others.</summary>
    public Candidate Candidate { get; }

    /// <summary>The events that it has accepted and delivered.</summary>
    public long Events => _flow.Expected;

    /// <summary>Starts it as one of the candidates, which stop it; without a server on SQLite.</summary>
    public static async Task<PostgresPart> StartAsync(
        Candidates candidates, TestBed bed, Options options, Findings findings, Series series, PostgresServer? server, int replicas, int endpoints, CancellationToken cancellationToken)
    {
        var receiver = candidates.Own(await bed.ReceiverAsync(cancellationToken));
        var database = server is null ? null : candidates.Own(await PostgresDatabase.CreateAsync(server));
        var settings = new Dictionary<string, string> { ["ConnectionStrings__events"] = database?.ConnectionString() ?? "", ["MAX_ENDPOINTS"] = "100000" };
        var services = new List<ServiceProcess>();
        for (var number = 0; number < replicas; number++)
        {
            services.Add(candidates.Own(await bed.MiddlewareAsync(null, settings, cancellationToken)));
        }

        var kinds = EventRequests.Types(endpoints);
        await RegisterAsync(services, receiver, kinds, cancellationToken);
        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        var load = new LoadGenerator([.. services.Select(static service => service.Address)], options.Connections, EventRequests.For(services[0].Address, kinds));
        var flow = candidates.Own(new Flow(findings, series.Name, receiver, load, CpuTime));
        return new PostgresPart(options, series, services, database, flow);

        TimeSpan CpuTime() => services.Aggregate(server is null ? TimeSpan.Zero : ServerCpu.Of(server), static (sum, service) => sum + service.CpuTime);
    }

    /// <summary>Sends without a measurement.</summary>
    public Task SendAsync(Pace pace, CancellationToken cancellationToken) => _flow.SendAsync(pace, cancellationToken);

    /// <summary>The megabytes of the table of pending deliveries.</summary>
    public async Task<double> PendingMegabytesAsync() => await _database!.ScalarAsync<long>("SELECT pg_relation_size('pending')") / 1e6;

    /// <summary>Notes what was lost and what came twice.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => _flow.CheckAsync(cancellationToken);

    private static async Task RegisterAsync(List<ServiceProcess> services, ReceiverProcess receiver, string[] kinds, CancellationToken cancellationToken)
    {
        var last = "";
        using (var registry = new EndpointRegistry(services[0]))
        {
            foreach (var kind in kinds)
            {
                last = await registry.AddAsync(new NewEndpoint(kind, receiver.Target, new NewFilter([kind])), cancellationToken);
            }
        }

        // A replica that is asked for an endpoint knows all that were registered before.
        foreach (var service in services)
        {
            using var registry = new EndpointRegistry(service);
            await registry.WaitingAsync(last, cancellationToken);
        }
    }
}
