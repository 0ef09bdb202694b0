using Tests.Middleware.Storage.Postgres;

namespace Tests.Chaos;

/// <summary>
/// A run of several replicas on a PostgreSQL server of its own, under load and faults by a seed. At the end all is mended, nothing is pending any more, and all promises
/// are checked.
/// </summary>
internal static class ChaosRun
{
    private static readonly TimeSpan Drain = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Counting = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public static async Task<ChaosResult> ExecuteAsync(ChaosPlan plan, PostgresRun run, Action<string> say)
    {
        await using var servers = await ChaosServers.StartAsync(run);
        await using var receiver = await RecordingReceiver.StartAsync(new ChaosReceiver().AnswerAsync);
        var replicas = plan.ClocksAhead.Select((ahead, place) => new Replica($"replica{place + 1}", servers.Database, plan.AdoptAfter, ahead, servers.Ports)).ToList();
        try
        {
            await StartAsync(replicas, receiver);
            return await ExecuteAsync(plan, servers, replicas, receiver, say);
        }
        finally
        {
            foreach (var replica in replicas)
            {
                await replica.DisposeAsync();
            }
        }
    }

    /// <summary>Registers the endpoints at the first replica, and starts the others then.</summary>
    private static async Task StartAsync(List<Replica> replicas, RecordingReceiver receiver)
    {
        await replicas[0].StartAsync();
        foreach (var endpoint in ChaosEndpoint.All)
        {
            using var answer = await replicas[0].Client.SendJson(HttpMethod.Post, "/api/v1/endpoints", endpoint.Definition(receiver.Url(endpoint.Name)));
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
            }
        }

        await Task.WhenAll(replicas[1..].Select(static replica => replica.StartAsync()));
    }

    private static async Task<ChaosResult> ExecuteAsync(ChaosPlan plan, ChaosServers servers, List<Replica> replicas, RecordingReceiver receiver, Action<string> say)
    {
        var random = new Random(plan.Seed);
        var database = servers.Database;
        var slots = new SlotWatch(database);
        await slots.UntilOwnedAsync(Drain);
        await using var load = new ChaosLoad(plan, replicas, () => receiver.Now);
        var faults = new FaultMaker(plan, servers, replicas, slots, receiver, random);
        var checks = new ChaosChecks(plan, database, receiver, load, faults.Faults);
        load.Start();
        var violations = faults.Violations;
        var deck = new Queue<FaultKind>();
        await WaitAsync(TimeSpan.FromSeconds(3));
        for (var start = receiver.Now; receiver.Now - start < plan.Length;)
        {
            if (deck.Count == 0)
            {
                var kinds = plan.Faults.ToArray();
                random.Shuffle(kinds);
                deck = new Queue<FaultKind>(kinds);
            }

            var kind = deck.Dequeue();
            await faults.MakeAsync(kind);
            say($"{TimeProvider.System.GetUtcNow():HH:mm:ss.f} {faults.Faults[^1]}: {load.Accepted.Count} events");
            await WaitAsync(TimeSpan.FromMilliseconds(random.Next(500, 4_000)));
            await checks.CheckPendingAsync(violations);
        }

        // Without a fault all must go well for a while.
        await WaitAsync(plan.AdoptAfter);
        await load.StopAsync();
        var ended = receiver.Now;
        await DrainAsync(database, violations);
        violations.AddRange(await checks.RunAsync(ended));
        foreach (var replica in replicas)
        {
            await CheckWaitingAsync(replica, violations);
        }

        foreach (var replica in replicas)
        {
            if (await replica.StopAsync() is var exitCode && exitCode != 0)
            {
                violations.Add($"(8) {replica.Name} ended with {exitCode} at the end");
            }
        }

        return new ChaosResult(plan, faults, checks, load, violations, [.. replicas.SelectMany(Lines)]);
    }

    private static async Task DrainAsync(PostgresDatabase database, List<string> violations)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM held)") is var pending and > 0)
        {
            if (TimeProvider.System.GetElapsedTime(start) > Drain)
            {
                violations.Add($"(1) {pending} deliveries are pending {Drain.TotalSeconds} s after the last event, of the endpoints {await database.ScalarAsync<string>("SELECT string_agg(DISTINCT endpoint::text, ', ') FROM pending")}");
                return;
            }

            await WaitAsync(Look);
        }
    }

    /// <summary>Checks that a replica counts nothing as waiting when nothing is.</summary>
    private static async Task CheckWaitingAsync(Replica replica, List<string> violations)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var endpoints = JsonNode.Parse(await replica.Client.GetStringAsync("/api/v1/endpoints?limit=100", Waiting.Cancellation))!["items"]!.AsArray();
            var waiting = new List<string>();
            foreach (var id in endpoints.Select(static endpoint => (string)endpoint!["id"]!))
            {
                var health = JsonNode.Parse(await replica.Client.GetStringAsync($"/api/v1/endpoints/{id}/health", Waiting.Cancellation))!;
                if ((long)health["waiting"]! != 0)
                {
                    waiting.Add($"{id}: {health["waiting"]}");
                }
            }

            if (waiting.Count == 0)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(start) > Counting)
            {
                violations.Add($"{replica.Name} counts deliveries as waiting that are not: {string.Join(", ", waiting)}");
                return;
            }

            await WaitAsync(Look);
        }
    }

    private static IEnumerable<string> Lines(Replica replica) => replica.Earlier.Concat(replica.Process.Output).Concat(replica.Process.Errors).Select(line => $"{replica.Name} {line}");

    private static Task WaitAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, Waiting.Cancellation);
}
