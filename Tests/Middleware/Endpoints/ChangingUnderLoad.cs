using System.Collections.Concurrent;
using Tests.Middleware.Crash;

namespace Tests.Middleware.Endpoints;

/// <summary>A service whose endpoints are registered, changed, disabled and deleted while it accepts events for them and sends them.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public class ChangingUnderLoad
{
    private const int Rounds = 4;
    private const int Posters = 4;

    /// <summary>So many events are accepted between two changes: the first of them, one a poster, may have been before the change.</summary>
    private const int EventsBetween = 2 * Posters;

    /// <summary>The receiver of each endpoint there has been: what comes to it is for this endpoint.</summary>
    private readonly ConcurrentDictionary<string, string> _receivers = new();
    private readonly ConcurrentQueue<(string Id, string Source)> _accepted = new();

    /// <summary>The deliveries that waited for an endpoint at its deletion.</summary>
    private readonly ConcurrentQueue<(string Id, string Endpoint)> _waitingAtTheEnd = new();

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task No_delivery_is_lost_or_repeated_while_endpoints_come_change_rest_and_go()
    {
        await using var receivers = await CountingReceiver.StartAsync();
        using var middleware = await RunningMiddleware.StartAsync();
        var client = middleware.Client;
        var stays = await Register(client, receivers, "stays");
        var changes = await Register(client, receivers, "changes");
        using var enough = new CancellationTokenSource();

        var posting = Task.WhenAll(Enumerable.Range(0, Posters).Select(_ => Post(client, enough.Token)));
        var changing = Task.WhenAll(
            Change(client, receivers, changes), ComeAndGo(client, receivers, "passes", isGathering: false), ComeAndGo(client, receivers, "gathers", isGathering: true));
        await await Task.WhenAny(posting, changing);
        await enough.CancelAsync();
        await posting;

        foreach (var (id, source) in _accepted)
        {
            var seen = await client.LookWhenEnded(id);
            var deliveries = seen["deliveries"]!.AsArray().ToDictionary(static delivery => (string)delivery!["endpoint_id"]!, static delivery => delivery!);
            Assert.Equal((int)seen["endpoints"]!, deliveries.Count);
            Assert.Equal("delivered", (string?)deliveries[stays]["status"]);

            // Whichever filter it had, it took these.
            Assert.True(source == "beta" || (string?)deliveries[changes]["status"] == "delivered", $"{id} from {source}: {seen}");
            Assert.All(deliveries, delivery => AssertCame(receivers.Times(_receivers[delivery.Key], id), delivery.Value));
        }

        Assert.Equal(Rounds / 2, _waitingAtTheEnd.Count);
        foreach (var (id, endpoint) in _waitingAtTheEnd)
        {
            var delivery = (await client.Look(id))["deliveries"]!.AsArray().Single(delivery => (string?)delivery!["endpoint_id"] == endpoint)!;
            Assert.Equal("endpoint_deleted", (string?)delivery["reason"]);
            Assert.Equal(0, receivers.Times(_receivers[endpoint], id));
        }
    }

    /// <summary>Once, or not at all because the endpoint was deleted; what was under way then may have come.</summary>
    private static void AssertCame(int times, JsonNode delivery)
    {
        if ((string?)delivery["status"] == "delivered")
        {
            Assert.Equal(1, times);
        }
        else
        {
            Assert.Equal(("dead_letter", "endpoint_deleted"), ((string?)delivery["status"], (string?)delivery["reason"]));
            Assert.InRange(times, 0, 1);
        }
    }

    private async Task Post(MiddlewareClient client, CancellationToken enough)
    {
        for (var number = 0; !enough.IsCancellationRequested; number++)
        {
            var source = number % 2 == 0 ? "alpha" : "beta";
            _accepted.Enqueue((await client.Accept(source: source), source));
        }
    }

    /// <summary>One endpoint whose URL, workers, filter, batches and format change, and that is disabled and enabled.</summary>
    private async Task Change(MiddlewareClient client, CountingReceiver receivers, string endpoint)
    {
        var (here, there) = (Definition(receivers, "changes/here"), Definition(receivers, "changes/there"));
        string[] definitions =
        [
            here,
            there,
            With(there, "\"workers\":1"),
            With(there, "\"filter\":{\"sources\":[\"alpha\"]}"),
            With(here, "\"filter\":{\"expression\":\"source LIKE 'al%'\"},\"workers\":20"),
            With(here, Batch(10)),
            With(there, $"{Batch(3)},\"format\":\"cloudevents\",\"workers\":2"),
            With(there, "\"rate_limit\":{\"per_second\":1000,\"burst\":1}"),
        ];
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var definition in definitions)
            {
                await client.Replace(endpoint, definition);
                await UntilMoreAccepted();
            }

            await Rest(client, receivers, endpoint);
            await client.Do(endpoint, "enable");
        }
    }

    /// <summary>One endpoint after the other, the first of which is deleted at work and the next at rest, and so on.</summary>
    private async Task ComeAndGo(MiddlewareClient client, CountingReceiver receivers, string name, bool isGathering)
    {
        var more = isGathering ? Batch(10) : "\"workers\":2";
        for (var round = 0; round < Rounds; round++)
        {
            var endpoint = await Register(client, receivers, $"{name}-{round}", more);
            await UntilMoreAccepted();
            var waiting = await Rest(client, receivers, endpoint, isGathering);
            if (round % 2 == 0)
            {
                await client.Do(endpoint, "enable");
                await UntilMoreAccepted();
            }
            else if (!isGathering)
            {
                _waitingAtTheEnd.Enqueue((waiting, endpoint));
            }

            await client.Delete(endpoint);
        }
    }

    /// <summary>Has an endpoint rest while more is accepted, and gives an event that waits for it.</summary>
    private async Task<string> Rest(MiddlewareClient client, CountingReceiver receivers, string endpoint, bool isGathering = false)
    {
        await client.Do(endpoint, "disable");
        var waiting = await client.Accept(source: "alpha");
        _accepted.Enqueue((waiting, "alpha"));
        await UntilMoreAccepted();

        // Whoever gathers a batch at that moment may still take what has come to hand.
        Assert.InRange(receivers.Times(_receivers[endpoint], waiting), 0, isGathering ? 1 : 0);
        return waiting;
    }

    private async Task<string> Register(MiddlewareClient client, CountingReceiver receivers, string receiver, string more = "\"workers\":4")
    {
        var (id, _) = await client.Register(With(Definition(receivers, receiver), more));
        _receivers[id] = receiver;
        return id;
    }

    private Task UntilMoreAccepted()
    {
        var before = _accepted.Count;
        return Waiting.Until(() => (_accepted.Count >= before + EventsBetween));
    }

    private static string Definition(CountingReceiver receivers, string path) => $$"""{"name":"tested","url":"{{receivers.Url(path)}}"}""";

    private static string With(string definition, string more) => $"{definition[..^1]},{more}}}";

    private static string Batch(int size) => $$"""
        "batch":{"max_size":{{size}},"max_wait":"20ms"}
        """;
}
