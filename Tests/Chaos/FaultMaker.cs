using System.Globalization;
using System.Text;
using Npgsql;

namespace Tests.Chaos;

/// <summary>Makes one fault at a time, mends it, and checks how long the lanes took to move.</summary>
internal sealed class FaultMaker(ChaosPlan plan, ChaosServers servers, IReadOnlyList<Replica> replicas, SlotWatch slots, RecordingReceiver receiver, Random random)
{
    // The last lines of a replica that is shown.
    private const int LinesShown = 30;

    private static readonly TimeSpan DumpLength = TimeSpan.FromSeconds(8);

    // The processes that start and the rounds of ownership share two slow cores with the load.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(20);

    /// <summary>The faults so far.</summary>
    public List<Fault> Faults { get; } = [];

    /// <summary>The promises that were broken meanwhile.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>The longest time until all lanes had an owner again, by kind.</summary>
    public Dictionary<FaultKind, TimeSpan> Adoptions { get; } = [];

    public async Task MakeAsync(FaultKind kind)
    {
        var victim = replicas[random.Next(replicas.Count)];
        var fault = new Fault(kind, kind is FaultKind.ServerRestart or FaultKind.ServerCrash or FaultKind.FailOver or FaultKind.FailOverWithLag or FaultKind.Dump or FaultKind.Rolling or FaultKind.Scale ? "all" : victim.Name, receiver.Now);
        Faults.Add(fault);
        await MakeAsync(fault, victim);
        fault.Healed = receiver.Now;
        if (await slots.UntilOwnedAsync(Settling) is null)
        {
            Violations.Add($"{fault}: not all lanes have an owner {Settling.TotalSeconds} s after it; {string.Join(", ", await slots.ReadAsync())}");
        }
    }

    private Task MakeAsync(Fault fault, Replica victim) => fault.Kind switch
    {
        FaultKind.Kill => KillAsync(fault, victim),
        FaultKind.Stop3 => PauseAsync(fault, victim, TimeSpan.FromSeconds(3)),
        FaultKind.Stop12 => PauseAsync(fault, victim, TimeSpan.FromSeconds(12)),
        FaultKind.Stop60 => PauseAsync(fault, victim, TimeSpan.FromSeconds(60)),
        FaultKind.StopInMessage => PauseInMessageAsync(fault, victim),
        FaultKind.Terminate => TerminateAsync(fault, victim),
        FaultKind.Rolling => RollAsync(fault),
        FaultKind.Scale => ScaleAsync(fault),
        FaultKind.Reshard => ReshardAsync(),
        FaultKind.ServerRestart => RestartServerAsync(fault, servers.Database.Server.RestartAsync),
        FaultKind.ServerCrash => RestartServerAsync(fault, async () =>
        {
            await servers.Database.Server.CrashAsync();
            await WaitAsync(random.Next(200, 2_000));
            await servers.Database.Server.StartAsync();
        }),
        FaultKind.FailOver => FailOverAsync(fault, lags: false),
        FaultKind.FailOverWithLag => FailOverAsync(fault, lags: true),
        FaultKind.SessionEnded => EndSessionAsync(victim),
        FaultKind.ShortStall => StallAsync(fault, victim, TimeSpan.FromMilliseconds(random.Next(500, 1_900))),
        FaultKind.Stall => StallAsync(fault, victim, TimeSpan.FromMilliseconds(random.Next(5_000, 12_000))),
        FaultKind.Cut => Task.Run(victim.Proxy.Cut),
        FaultKind.CommitReplyDropped => DropReplyAsync(fault, victim),
        _ => DumpAsync(),
    };

    private async Task KillAsync(Fault fault, Replica victim)
    {
        var session = await slots.SessionOfAsync(victim.Name);
        await victim.KillAsync();
        fault.Struck = receiver.Now;
        await AdoptedAsync(fault, session, plan.Margin);
        await WaitAsync(random.Next(100, 2_000));
        await victim.StartAsync();
    }

    private async Task PauseAsync(Fault fault, Replica victim, TimeSpan length)
    {
        var (session, start) = (await slots.SessionOfAsync(victim.Name), TimeProvider.System.GetTimestamp());
        victim.Pause();
        await OutlastAsync(fault, session, start, length);
        victim.GoOn();
    }

    /// <summary>Waits for the end of a fault in which a replica does not answer, and checks that its lanes move if it is long.</summary>
    private async Task OutlastAsync(Fault fault, int? session, long start, TimeSpan length)
    {
        if (length > plan.AdoptAfter + plan.Margin)
        {
            await AdoptedAsync(fault, session, plan.AdoptAfter + plan.Margin);
        }

        var left = length - TimeProvider.System.GetElapsedTime(start);
        await WaitAsync(Math.Max(0, (int)left.TotalMilliseconds));
    }

    private async Task PauseInMessageAsync(Fault fault, Replica victim)
    {
        var session = await slots.SessionOfAsync(victim.Name);
        await victim.Proxy.ToServer.TearAsync().InTime();
        var start = TimeProvider.System.GetTimestamp();
        victim.Pause();
        fault.Struck = receiver.Now;
        await OutlastAsync(fault, session, start, plan.AdoptAfter + plan.AdoptAfter);
        victim.Proxy.ToServer.Open();
        victim.GoOn();
    }

    private async Task StallAsync(Fault fault, Replica victim, TimeSpan length)
    {
        var (session, start) = (await slots.SessionOfAsync(victim.Name), TimeProvider.System.GetTimestamp());
        victim.Proxy.Stall();
        await OutlastAsync(fault, session, start, length);
        victim.Proxy.Resume();
    }

    private async Task TerminateAsync(Fault fault, Replica victim)
    {
        await StopAsync(fault, victim);
        await WaitAsync(random.Next(100, 2_000));
        await victim.StartAsync();
    }

    private async Task RollAsync(Fault fault)
    {
        foreach (var replica in replicas)
        {
            await StopAsync(fault, replica);
            await replica.StartAsync();
            await WaitAsync(1_500);
        }
    }

    private async Task ScaleAsync(Fault fault)
    {
        Replica[] order = [.. replicas];
        random.Shuffle(order);
        await Task.WhenAll(order[1..].Select(replica => StopAsync(fault, replica)));
        await WaitAsync(1_500);
        await Task.WhenAll(order[1..].Select(static replica => replica.StartAsync()));
        await WaitAsync(2_000);
        await StopAsync(fault, order[0]);
        await WaitAsync(1_500);
        await order[0].StartAsync();
    }

    private async Task ReshardAsync()
    {
        var ids = new List<string>();
        foreach (var replica in replicas.Where(static replica => replica.IsUp).Take(2))
        {
            if (ids.Count == 0)
            {
                var list = JsonNode.Parse(await replica.Client.GetStringAsync("/api/v1/endpoints?limit=100", Waiting.Cancellation))!["items"]!.AsArray();
                var sharded = ChaosEndpoint.All.Where(static endpoint => endpoint.IsSharded).Select(static endpoint => endpoint.Name).ToHashSet();
                ids.AddRange(list.Where(endpoint => sharded.Contains((string)endpoint!["name"]!)).Select(static endpoint => (string)endpoint!["id"]!));
            }

            foreach (var id in ids)
            {
                await ReshardAsync(replica, id);
            }
        }
    }

    private async Task ReshardAsync(Replica replica, string endpoint)
    {
        var patch = Encoding.UTF8.GetBytes($$"""{"shards":{{random.Next(1, 9)}}}""");
        using var answer = await replica.Client.Send(HttpMethod.Patch, $"/api/v1/endpoints/{endpoint}", patch, "application/merge-patch+json", "If-Match: *");
        if (!answer.IsSuccessStatusCode)
        {
            Violations.Add($"the shards could not be changed: {await answer.Content.ReadAsStringAsync(Waiting.Cancellation)}");
        }
    }

    private async Task RestartServerAsync(Fault fault, Func<Task> restart)
    {
        var before = receiver.Now;
        await restart();
        var back = receiver.Now;
        while (!receiver.IsAny(request => request.Began > back) && receiver.Now - back <= ChaosPlan.FirstDelivery)
        {
            await WaitAsync(20);
        }

        Note(fault, receiver.Now - back, ChaosPlan.FirstDelivery, $"first delivery after the server was back (it was away for {(back - before).TotalSeconds:0.0} s)");
    }

    private async Task FailOverAsync(Fault fault, bool lags)
    {
        await servers.FollowAsync();
        await WaitAsync(random.Next(100, 1_000));
        fault.Began = receiver.Now;
        if (lags)
        {
            await servers.FallBehindAsync();
            await WaitAsync(random.Next(100, 1_500));
        }

        fault.Struck = receiver.Now;
        await RestartServerAsync(fault, servers.FailOverAsync);
    }

    private async Task DropReplyAsync(Fault fault, Replica victim)
    {
        await victim.Proxy.DropCommitReplyAsync().InTime();
        fault.Struck = receiver.Now;
    }

    private async Task EndSessionAsync(Replica victim)
    {
        // Half of them are the session that owns the lanes.
        var pid = random.Next(2) == 0 ? await slots.SessionOfAsync(victim.Name) : null;
        await using var end = servers.Database.Source.CreateCommand(pid is { } session
            ? string.Create(CultureInfo.InvariantCulture, $"SELECT pg_terminate_backend({session})")
            : $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{victim.Name}' ORDER BY backend_start DESC LIMIT 1");
        await end.ExecuteNonQueryAsync(Waiting.Cancellation);
    }

    /// <summary>Does as <c>pg_dump</c> does at its begin, and takes its time.</summary>
    private async Task DumpAsync()
    {
        await using var connection = await servers.Database.Source.OpenConnectionAsync(Waiting.Cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Waiting.Cancellation);
        await using var find = new NpgsqlCommand(
            "SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace", connection);
        await using var dump = new NpgsqlCommand($"LOCK TABLE {await find.ExecuteScalarAsync(Waiting.Cancellation)} IN ACCESS SHARE MODE", connection);
        await dump.ExecuteNonQueryAsync(Waiting.Cancellation);
        await WaitAsync((int)DumpLength.TotalMilliseconds);
    }

    /// <summary>Asks a replica to stop, and checks that it does so in time.</summary>
    private async Task StopAsync(Fault fault, Replica replica)
    {
        var start = TimeProvider.System.GetTimestamp();
        var exitCode = await replica.StopAsync();
        var took = TimeProvider.System.GetElapsedTime(start);
        Note(fault, took, ChaosPlan.Ending, "lanes handed over and ended");
        if (took > ChaosPlan.Ending)
        {
            Violations.Add($"{fault}: {replica.Name} ended late:\n{string.Join('\n', replica.Process.Output.TakeLast(LinesShown))}");
        }

        if (exitCode != 0)
        {
            Violations.Add($"{fault}: {replica.Name} ended with {exitCode}; {string.Join('\n', replica.Process.Errors)}");
        }
    }

    /// <summary>Waits until others own the lanes that a session had.</summary>
    private async Task AdoptedAsync(Fault fault, int? session, TimeSpan limit)
    {
        if (replicas.Count(static replica => replica.IsUp) > 1 || !replicas.Any(replica => replica.Name == fault.Victim && replica.IsUp))
        {
            var taken = await slots.UntilOwnedAsync(limit + plan.Margin, (_, owner) => owner == session);
            Note(fault, taken ?? TimeSpan.MaxValue, limit, $"lanes moved; {string.Join(", ", await slots.ReadAsync())}");
        }
    }

    private void Note(Fault fault, TimeSpan taken, TimeSpan limit, string what)
    {
        if (taken > limit)
        {
            Violations.Add($"{fault}: {what}: {(taken == TimeSpan.MaxValue ? "not" : $"{taken.TotalSeconds:0.00} s")}, not within {limit.TotalSeconds} s");
        }
        else if (taken > Adoptions.GetValueOrDefault(fault.Kind))
        {
            Adoptions[fault.Kind] = taken;
        }
    }

    private static Task WaitAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, Waiting.Cancellation);
}
