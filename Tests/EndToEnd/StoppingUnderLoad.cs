using System.Collections.Concurrent;
using Tests.Middleware;

namespace Tests.EndToEnd;

[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class StoppingUnderLoad
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Every_accepted_event_is_delivered_before_the_middleware_ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using var services = await ServicePair.StartAsync(
            "QUEUE_SIZE=1000000", "HTTP_TIMEOUT=1m", "SHUTDOWN_TIMEOUT=1m", "MAX_RETRIES=10", "BASE_DELAY=50ms");

        // Nothing gets through before the stop, so all that is received was delivered after it.
        await services.Receiver.MisbehaveAsync("""{"status":503}""");
        var accepted = new ConcurrentQueue<string>();
        var clients = Enumerable.Range(0, 8).Select(_ => PostUntilRefusedAsync(services.Events, accepted)).ToArray();
        await Waiting.SeeAsync(() => Task.FromResult(accepted.Count), static count => count >= 300, "300 events are accepted");
        services.Middleware.Terminate();
        await Task.WhenAll(clients);
        Assert.Empty(await services.Receiver.ReceivedAsync());
        await services.Receiver.MisbehaveAsync("""{"latency":"5ms"}""");

        Assert.Equal(0, await services.Middleware.ExitCodeAsync());
        Assert.Equal(accepted.Order(), (await services.Receiver.ReceivedAsync()).Order());
        Assert.DoesNotContain(services.Middleware.Log, static line => (string?)line["level"] is "error" or "critical");
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task What_a_hanging_receiver_keeps_from_being_delivered_is_counted_and_the_middleware_ends_in_time()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using var services = await ServicePair.StartAsync("WORKER_COUNT=1", "HTTP_TIMEOUT=5m", "SHUTDOWN_TIMEOUT=1s");
        var delivered = await services.Events.Accept(3);
        await services.Receiver.AlertAsync(delivered[^1]);
        await services.Receiver.MisbehaveAsync("""{"hang":true}""");
        var lost = await services.Events.Accept(7);

        // The only worker has recorded what it delivered when it is seen with the next.
        await services.Receiver.TriesAsync(lost[0], atLeast: 1);
        services.Middleware.Terminate();

        Assert.Equal(0, await services.Middleware.ExitCodeAsync());
        var error = Assert.Single(services.Middleware.Log, static line => (string?)line["level"] is "error" or "critical");
        Assert.Equal(("error", lost.Length), ((string?)error["level"], (int?)error["lost"]));
        Assert.StartsWith("accepted events lost: ", (string?)error["msg"], StringComparison.Ordinal);
        Assert.Equal(delivered, await services.Receiver.ReceivedAsync());
    }

    /// <summary>Posts one event after the other until the middleware listens no more; an event without an answer is not accepted.</summary>
    private static async Task PostUntilRefusedAsync(MiddlewareClient events, ConcurrentQueue<string> accepted)
    {
        try
        {
            while (true)
            {
                accepted.Enqueue(await events.Accept());
            }
        }
        catch (HttpRequestException)
        {
            // It listens no more.
        }
    }
}
