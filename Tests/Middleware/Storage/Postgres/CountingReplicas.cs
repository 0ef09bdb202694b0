using System.Globalization;
using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>Stores of one database, each over a network of its own, whose sessions end in all ways while they accept and deliver.</summary>
[Trait("Speed", "Slow")]
public sealed class CountingReplicas : IAsyncLifetime
{
    private const int Replicas = 3;
    private const int Limit = 600_000;

    private readonly List<(TcpProxy Proxy, SqlEventStore Store)> _replicas = [];
    private readonly EndpointId[] _endpoints = [new("one"), new("two")];
    private readonly Random _random = new(Seed);
    private PostgresDatabase _database = null!;

    /// <summary><c>CHAOS_SEED</c> chooses another.</summary>
    private static int Seed => Number("CHAOS_SEED", 1);

    /// <summary><c>CHAOS_ROUNDS</c> has more of them.</summary>
    private static int Rounds => Number("CHAOS_ROUNDS", 20);

    public async ValueTask InitializeAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        for (var number = 0; number < Replicas; number++)
        {
            var proxy = new TcpProxy(_database.Server.Port);
            var store = Made.Store(_database, TimeProvider.System, port: proxy.Port);
            await store.OpenAsync(new RecordingSink(), Waiting.Cancellation);
            _replicas.Add((proxy, store));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (proxy, store) in _replicas)
        {
            store.Dispose();
            await proxy.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    [Fact(Timeout = Limit)]
    public async Task Each_counts_what_waits_whatever_happened_to_sessions()
    {
        var faults = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            using var ended = new CancellationTokenSource();
            var working = _replicas.ConvertAll(replica => Task.Run(() => WorkAsync(replica.Store, new Random(_random.Next()), ended.Token)));
            for (var left = _random.Next(1, 4); left > 0; left--)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(20, 150)), TimeProvider.System, Waiting.Cancellation);
                faults.Add($"{round}: {await HurtAsync(_random.Next(Replicas))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(0, 150)), TimeProvider.System, Waiting.Cancellation);
            await ended.CancelAsync();
            await Task.WhenAll(working);
            await CheckAsync(faults);
        }
    }

    private static int Number(string variable, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    /// <summary>Accepts events and delivers some, its own and those of others, until it is cancelled.</summary>
    private async Task WorkAsync(SqlEventStore store, Random random, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var events = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Made.Routed(Made.Event(), [.. _endpoints.Select(static id => Made.Endpoint(id.Value, queueSize: 1_000_000))])).ToList();
                await store.AcceptAsync(events, claim: null, Waiting.Cancellation).InTime();
                var lane = LaneId.Whole(_endpoints[random.Next(_endpoints.Length)]);
                var page = await store.ReadPendingAsync(lane, Priority.Low, 0, new PageLimit(random.Next(1, 12), long.MaxValue), Waiting.Cancellation).InTime();
                foreach (var delivery in page.Deliveries)
                {
                    await store.RecordAsync(delivery, Made.Delivered(), Waiting.Cancellation).InTime();
                }
            }
            catch (StoreUnavailableException)
            {
                // A fault is under way.
            }
        }
    }

    private async Task<string> HurtAsync(int victim)
    {
        var (proxy, store) = _replicas[victim];
        switch (_random.Next(5))
        {
            case 0:
                proxy.Cut();
                return $"cut {victim}";
            case 1:
                await FailAsync(store, endsSession: _random.Next(2) == 0);
                return $"fail {victim}";
            case 2:
                await proxy.DropCommitReplyAsync().InTime();
                return $"drop {victim}";
            case 3:
                await _database.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> '{PostgresDatabase.NameOfTests}' AND random() < 0.3");
                return "terminate";
            default:
                proxy.Stall();
                await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(20, 300)), TimeProvider.System, Waiting.Cancellation);
                proxy.Resume();
                return $"stall {victim}";
        }
    }

    private async Task FailAsync(SqlEventStore store, bool endsSession)
    {
        try
        {
            await store.ChangeAsync(_database.FailOnce(endsSession)).InTime();
        }
        catch (StoreUnavailableException)
        {
            // Another fault came between.
        }
    }

    private async Task CheckAsync(List<string> faults)
    {
        foreach (var (_, store) in _replicas)
        {
            await Waiting.Until(async () =>
            {
                try
                {
                    return await store.ChangeAsync(static _ => true);
                }
                catch (StoreUnavailableException)
                {
                    return false;
                }
            });
        }

        var pending = new List<long>();
        foreach (var endpoint in _endpoints)
        {
            pending.Add(await _database.ScalarAsync<long>($"SELECT COUNT(*) FROM pending p JOIN endpoints n ON n.no = p.endpoint WHERE n.id = '{endpoint.Value}'"));
        }

        var expected = string.Join("; ", Enumerable.Repeat(string.Join(", ", pending), Replicas));
        await Waiting.SeeAsync(
            () => Task.FromResult(string.Join("; ", _replicas.Select(replica => string.Join(", ", _endpoints.Select(endpoint => replica.Store.Waiting(endpoint)))))),
            seen => seen == expected,
            $"all count {expected} after {string.Join(", ", faults.TakeLast(12))}");
    }
}
