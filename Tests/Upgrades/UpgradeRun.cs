using System.Globalization;
using Tests.Chaos;
using Tests.Middleware.Storage.Postgres;

namespace Tests.Upgrades;

/// <summary>Replaces the processes of a service under load. At the end nothing is pending any more, all have stopped, and the facts are judged.</summary>
internal static class UpgradeRun
{
    private static readonly TimeSpan Drain = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>One process on a folder: it is stopped, and then the next one starts.</summary>
    public static async Task<UpgradeResult> OnSqliteAsync(UpgradePlan plan)
    {
        using var folder = new TemporaryDirectory();
        return await ExecuteAsync(plan, [$"DATA_DIR={folder.Path}"], ["middleware"], static () => Task.CompletedTask);
    }

    /// <summary>Two replicas on a server of their own: one is replaced after the other.</summary>
    public static async Task<UpgradeResult> OnPostgresAsync(UpgradePlan plan, PostgresRun run)
    {
        await using var server = await run.StartServerAsync();
        await using var database = await PostgresDatabase.CreateAsync(server);
        var slots = new SlotWatch(database);
        return await ExecuteAsync(
            plan, [$"ConnectionStrings__events={database.ConnectionString()}"], ["replica-1", "replica-2"],
            () => Waiting.Until(async () => await slots.ReadAsync() is { Count: 2 } owners && owners.Sum(static owner => owner.Slots) == SlotWatch.Slots));
    }

    private static async Task<UpgradeResult> ExecuteAsync(UpgradePlan plan, string[] store, string[] names, Func<Task> shared)
    {
        var answers = new UpgradeReceiver();
        await using var receiver = await RecordingReceiver.StartAsync(answers.AnswerAsync);
        string[] settings =
        [
            .. store, "EXTERNAL_ENDPOINT_URL=", "ALLOWED_NETWORKS=127.0.0.0/8", "QUEUE_SIZE=1000000", "AUTO_DISABLE_AFTER=1d",
            string.Create(CultureInfo.InvariantCulture, $"SHUTDOWN_TIMEOUT={plan.ShutdownTimeout.TotalMilliseconds}ms"),
        ];
        var services = names.Select(name => new ReplaceableService(name, settings)).ToList();
        try
        {
            await StartAsync(plan, services, receiver);
            await shared();
            return UpgradeJudge.Judge(await ReplaceAsync(plan, services, receiver, answers));
        }
        finally
        {
            answers.Release();
            foreach (var service in services)
            {
                await service.DisposeAsync();
            }
        }
    }

    /// <summary>Registers the endpoints at the first process, and starts the others then.</summary>
    private static async Task StartAsync(UpgradePlan plan, List<ReplaceableService> services, RecordingReceiver receiver)
    {
        await services[0].StartAsync(plan.From);
        foreach (var name in UpgradeReceiver.Endpoints)
        {
            using var answer = await services[0].Client.SendJson(HttpMethod.Post, "/api/v1/endpoints", UpgradeReceiver.Definition(name, receiver.Url(name)));
            if (!answer.IsSuccessStatusCode)
            {
                throw new InvalidOperationException(await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
            }
        }

        await Task.WhenAll(services[1..].Select(service => service.StartAsync(plan.From)));
    }

    private static async Task<UpgradeFacts> ReplaceAsync(UpgradePlan plan, List<ReplaceableService> services, RecordingReceiver receiver, UpgradeReceiver answers)
    {
        await using IEventProxy proxy = plan.Haproxy is { } program ? await Haproxy.StartAsync(program, services) : new ReadyReplicas(services, () => receiver.Now);
        await using var senders = new EventSenders(proxy, UpgradeReceiver.Endpoints, () => receiver.Now);
        senders.Start(plan.Senders);
        var replacements = new List<Replacement>();
        for (var upgrade = 1; upgrade <= plan.Upgrades; upgrade++)
        {
            foreach (var service in services)
            {
                await senders.UntilPostedAsync(plan.EventsBetween);
                if (plan.IsHeld)
                {
                    answers.Hold();
                    await Waiting.Until(() => answers.Silent == UpgradeReceiver.Endpoints.Count * UpgradeReceiver.Workers);
                }

                var terminated = receiver.Now;
                var (exitCode, errors) = await service.StopAsync();
                var exited = receiver.Now;
                answers.Release();
                await service.StartAsync();
                replacements.Add(new Replacement($"{service.Name}, upgrade {upgrade}", terminated, exited, receiver.Now) { ExitCode = exitCode, Errors = errors });
                await proxy.UntilReadyAsync(service);
            }
        }

        await senders.UntilPostedAsync(plan.EventsBetween);
        await senders.StopAsync();
        var ended = receiver.Now;
        await DrainAsync(services[0].Client);
        foreach (var service in services)
        {
            var (exitCode, errors) = await service.StopAsync();
            Assert.True(exitCode == 0 && errors.Count == 0, $"{service.Name} ended with {exitCode} at the end: {string.Join('\n', errors)}");
        }

        return new UpgradeFacts
        {
            Posted = senders.Posted,
            Failed = [.. senders.Failed, .. proxy.Hidden],
            Received = [.. UpgradeReceiver.Endpoints.SelectMany(name => receiver.Of(name).All)],
            Replacements = replacements,
            LoadEnded = ended,
            ShutdownTimeout = plan.ShutdownTimeout,
            IsRolling = services.Count > 1,
            ProxyBreaks = plan.Haproxy is not null,
        };
    }

    /// <summary>Waits until no delivery waits at any endpoint.</summary>
    private static async Task DrainAsync(HttpClient client)
    {
        var start = TimeProvider.System.GetTimestamp();
        var endpoints = JsonNode.Parse(await client.GetStringAsync(new Uri("/api/v1/endpoints?limit=100", UriKind.Relative), Waiting.Cancellation))!["items"]!.AsArray();
        foreach (var id in endpoints.Select(static endpoint => (string)endpoint!["id"]!))
        {
            while (await WaitingAsync(client, id) is var waiting and > 0)
            {
                if (TimeProvider.System.GetElapsedTime(start) > Drain)
                {
                    throw new InvalidOperationException($"{waiting} deliveries wait {Drain.TotalSeconds} s after the last event.");
                }

                await Task.Delay(Look, TimeProvider.System, Waiting.Cancellation);
            }
        }
    }

    private static async Task<long> WaitingAsync(HttpClient client, string endpoint) =>
        (long)JsonNode.Parse(await client.GetStringAsync(new Uri($"/api/v1/endpoints/{endpoint}/health", UriKind.Relative), Waiting.Cancellation))!["waiting"]!;
}
