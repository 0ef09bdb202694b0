using System.Collections.Concurrent;
using System.Globalization;
using AspireIntegration.Client;
using AspireIntegration.Client.Publishing;
using Tests.Middleware.Crash;

namespace Tests.Client;

[RunsNatively]
[Trait("Speed", "Slow")]
public class KillingTheService
{
    private const int Events = 2_000;

    private int _enqueued;

    [Fact(Timeout = CrashStage.TestLimit)]
    public async Task Every_buffered_event_is_kept_once_though_the_service_is_killed()
    {
        await using var stage = await CrashStage.SetAsync();
        var address = new Uri($"http://127.0.0.1:{LoopbackPort.Free().ToString(CultureInfo.InvariantCulture)}");
        var undelivered = new ConcurrentQueue<UndeliveredEvent>();
        using var http = new HttpClient { BaseAddress = address };
        var client = new AspireIntegrationClient(http);
        var publisher = new EventPublisher(client, new() { BaseDelay = TimeSpan.FromMilliseconds(20), MaxDelay = TimeSpan.FromMilliseconds(100) });
        await using var buffer = new EventBuffer(publisher, new() { Capacity = 500, BatchSize = 20, OnUndelivered = undelivered.Enqueue });

        var enqueuing = EnqueueAllAsync(buffer);
        for (var kill = 1; kill <= 2; kill++)
        {
            using var killed = await StartAsync();

            // More are enqueued than the buffer holds: the service accepts some at this moment.
            await Waiting.WithinTheTest(() => _enqueued >= kill * 700);
            await killed.KillAsync();
            CrashStage.Say($"kill {kill}: {_enqueued} enqueued, {buffer.Count} wait");
        }

        using var service = await StartAsync();
        await enqueuing;
        await buffer.StopAsync(Waiting.Cancellation);

        var kept = await client.Events.ListAllAsync(new() { Source = "tests", Limit = 1_000 }, Waiting.Cancellation).Select(static item => item.EventType).ToListAsync(Waiting.Cancellation);
        Assert.Equal(Enumerable.Range(0, Events).Reverse().Select(static number => $"made-{number}"), kept);
        Assert.Empty(undelivered);

        Task<ServiceProcess> StartAsync() => stage.StartAsync($"ASPNETCORE_URLS={address}");
    }

    private async Task EnqueueAllAsync(EventBuffer buffer)
    {
        for (; _enqueued < Events; Interlocked.Increment(ref _enqueued))
        {
            Assert.True(await buffer.EnqueueAsync(OperatedMiddleware.Event($"made-{_enqueued}"), Waiting.Cancellation));
        }
    }
}
