using Tests.Middleware.Crash;

namespace Tests.Middleware.Fanout;

[RunsNatively]
[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public class KillingBetweenDeliveries
{
    private const int Endpoints = 10;

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task Kills_between_the_deliveries_of_an_event_repeat_none_that_was_recorded()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither SIGKILL nor SIGTERM.");
        await using var receivers = await CountingReceiver.StartAsync();
        using var middleware = await RunningMiddleware.StartAsync("HTTP_TIMEOUT=5m");
        var endpoints = new Dictionary<string, string>();
        for (var number = 1; number <= Endpoints; number++)
        {
            var receiver = $"receiver-{number}";
            receivers.Hold(receiver);
            endpoints[(await middleware.Client.Register($$"""{"name":"{{receiver}}","url":"{{receivers.Url(receiver)}}"}""")).Id] = receiver;
        }

        var accepted = await middleware.Client.Accept();
        foreach (var answering in (int[])[3, 4, 9])
        {
            foreach (var receiver in endpoints.Values.Take(answering))
            {
                receivers.Release(receiver);
            }

            // All of them are being told when the kill comes, and these have been.
            await Waiting.Until(() => (endpoints.Values.All(receiver => receivers.Times(receiver, accepted) > 0)));
            await Waiting.Until(async () => (await middleware.Client.DeliveredTo(accepted)).Count == answering);
            Assert.Equal(endpoints.Keys.Take(answering).ToHashSet(), await middleware.Client.DeliveredTo(accepted));
            var before = Counts();

            await middleware.KillAndStartAsync();

            // Each that is still owed comes once more, and nothing else does.
            await Waiting.Until(() => (Counts().Zip(before).Skip(answering).All(static pair => pair.First == pair.Second + 1)));
            Assert.Equal(before.Take(answering), Counts().Take(answering));
        }

        receivers.Release(endpoints.Values.Last());
        Assert.Equal("delivered", (string?)(await middleware.Client.LookWhenEnded(accepted))["status"]);
        Assert.Equal(0, await middleware.StopAsync());

        // Those that answered before the first kill, before the second, before the third and after it.
        Assert.Equal([1, 1, 1, 2, 3, 3, 3, 3, 3, 4], Counts());

        List<int> Counts() => [.. endpoints.Values.Select(receiver => receivers.Times(receiver, accepted))];
    }
}
