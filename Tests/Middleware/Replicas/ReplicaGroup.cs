using Microsoft.Extensions.DependencyInjection;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Middleware.Replicas;

/// <summary>Services on one database, each with a port of its own, in the time of the machine: that is the time of a server too.</summary>
internal sealed class ReplicaGroup(PostgresDatabase database) : IAsyncDisposable
{
    private readonly List<MiddlewareService> _all = [];

    public PostgresDatabase Database => database;

    public static async Task<ReplicaGroup> CreateAsync() => new(await PostgresDatabase.CreateAsync());

    /// <summary>Starts one more replica, without the built-in endpoint unless a setting has one.</summary>
    public async Task<MiddlewareService> StartAsync(params (string Name, string Value)[] settings)
    {
        var replica = Add(settings);

        // A start waits for the database, and the test's own thread would wait for the start.
        await Task.Run(() => replica.Services).InTime();
        return replica;
    }

    /// <summary>Makes one more replica that starts with its first use.</summary>
    public MiddlewareService Add(params (string Name, string Value)[] settings)
    {
        var replica = new MiddlewareService([
            ("ConnectionStrings:events", database.ConnectionString()), ("EXTERNAL_ENDPOINT_URL", ""), ("REPLICA_NAME", $"replica-{_all.Count + 1}"), ("ADOPT_AFTER", "4s"), .. settings])
        {
            With = static services => services.AddSingleton(TimeProvider.System),
        };
        replica.UseKestrel();
        _all.Add(replica);
        return replica;
    }

    /// <summary>Ends a replica before the others.</summary>
    public async Task StopAsync(MiddlewareService replica)
    {
        _all.Remove(replica);
        await EndAsync(replica);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _all)
        {
            await EndAsync(replica);
        }

        await database.DisposeAsync();
    }

    /// <summary>Ends it away from the test's own thread, for which its end may wait.</summary>
    private static Task EndAsync(MiddlewareService replica) => Task.Run(async () => await replica.DisposeAsync()).InTime();
}
