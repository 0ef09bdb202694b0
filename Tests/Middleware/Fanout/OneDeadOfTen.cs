using System.Net.Sockets;
using Tests.Middleware.Crash;

namespace Tests.Middleware.Fanout;

/// <summary>An endpoint that is dead and refuses what its queue has no room for, beside nine others.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public class OneDeadOfTen
{
    private const int DeadQueue = 5;
    private const int HealthyQueue = 40;

    /// <summary>The last tenth is for critical events.</summary>
    private const int Reserve = HealthyQueue / 10;

    private static readonly string[] Healthy = [.. Enumerable.Range(1, 9).Select(static number => $"healthy-{number}")];

    [Theory(Timeout = CrashStage.TestLimit)]
    [InlineData("built in", "hangs")]
    [InlineData("built in", "is gone")]
    [InlineData("registered", "hangs")]
    [InlineData("registered", "is gone")]
    public async Task Nothing_is_refused_because_of_it_until_all_others_are_full_too(string origin, string cause)
    {
        await using var receivers = await CountingReceiver.StartAsync();
        receivers.Hold("dead");

        // Bound and not listening: nobody else can take the port meanwhile.
        using var bound = new Socket(SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = cause == "hangs" ? receivers.Url("dead") : new Uri($"http://127.0.0.1:{((IPEndPoint)bound.LocalEndPoint!).Port}/");

        // Its first try or its pauses outlast the test: all that is accepted waits for it.
        using var middleware = await RunningMiddleware.StartAsync(
            ["HTTP_TIMEOUT=5m", "BASE_DELAY=1m", "MAX_RETRIES=10", .. origin == "built in" ? (string[])[$"EXTERNAL_ENDPOINT_URL={url}", $"QUEUE_SIZE={DeadQueue}"] : []]);
        var client = middleware.Client;
        var dead = origin == "built in" ? "default" : await Register(client, "dead", url, DeadQueue);
        var healthy = new List<string>();
        foreach (var name in Healthy)
        {
            healthy.Add(await Register(client, name, receivers.Url(name), HealthyQueue));
        }

        var accepted = await client.Accept(4 * DeadQueue);
        await UntilNothingWaits(client, healthy);
        AssertCameOnce(receivers, accepted);
        Assert.Equal(4 * DeadQueue, await client.WaitingFor(dead));

        // Full, the nine refuse as they would without it, to the event.
        Array.ForEach(Healthy, receivers.Hold);
        List<string> more = [.. await client.Accept(HealthyQueue - Reserve)];
        Assert.Equal((HttpStatusCode.ServiceUnavailable, null, TimeSpan.FromSeconds(1)), await client.Post("low"));
        more.AddRange(await client.Accept(Reserve, "critical"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, null, TimeSpan.FromSeconds(1)), await client.Post("critical"));
        Assert.Equal((4 * DeadQueue) + HealthyQueue, await client.WaitingFor(dead));

        // One that has room is enough.
        receivers.Release(Healthy[0]);
        await UntilNothingWaits(client, healthy.Take(1));
        more.Add(await client.Accept());
        Array.ForEach(Healthy, receivers.Release);
        await UntilNothingWaits(client, healthy);
        AssertCameOnce(receivers, more);
        Assert.Equal((4 * DeadQueue) + HealthyQueue + 1, await client.WaitingFor(dead));
    }

    private static async Task<string> Register(MiddlewareClient client, string name, Uri url, int queueSize) =>
        (await client.Register($$"""{"name":"{{name}}","url":"{{url}}","queue_size":{{queueSize}},"when_full":"reject"}""")).Id;

    private static Task UntilNothingWaits(MiddlewareClient client, IEnumerable<string> endpoints) => Waiting.Until(async () =>
    {
        var waiting = await Task.WhenAll(endpoints.Select(client.WaitingFor));
        return waiting.All(static count => count == 0);
    });

    private static void AssertCameOnce(CountingReceiver receivers, IReadOnlyCollection<string> events) =>
        Assert.All(Healthy, name => Assert.All(events, id => Assert.Equal(1, receivers.Times(name, id))));
}
