using System.Globalization;
using Tests.Middleware.Storage;

namespace Tests.Middleware.Streaming;

/// <summary>Listeners of a service in a process of its own.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
[Trait("Store", "Any")]
public class FollowingAProcess
{
    private const int Unread = 20;
    private const int Events = 5_000;
    private const long MostGrowth = 96 << 20;

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task After_a_kill_each_event_that_was_accepted_comes_once()
    {
        using var service = await RunningMiddleware.StartAsync();
        var http = new HttpClient { BaseAddress = service.Process.Address };
        var stream = await EventStream.OpenAsync(http);
        var (accepted, got) = (new List<string>(), new List<string>());
        for (var round = 0; round < 3; round++)
        {
            accepted.AddRange(await service.Client.Accept(30));
            got.AddRange(await stream.NextIdsAsync(20));
            accepted.AddRange(await service.Client.Accept(5));
            await service.KillAndStartAsync();
            stream.Dispose();
            http.Dispose();

            accepted.AddRange(await service.Client.Accept(5));
            http = new HttpClient { BaseAddress = service.Process.Address };
            stream = await EventStream.OpenAfterAsync(http, stream.LastId);
        }

        got.AddRange(await stream.NextIdsAsync(accepted.Count - got.Count));
        Assert.Equal(accepted, got);
        stream.Dispose();
        http.Dispose();
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact(Timeout = 180_000)]
    public async Task Clients_that_do_not_read_hold_up_nobody_and_no_memory()
    {
        using var service = await RunningMiddleware.StartAsync("SHUTDOWN_TIMEOUT=5m");
        await AcceptAsync(service, Events);
        var before = Resident(service);
        var unread = new List<RawConnection>();
        for (var number = 0; number < Unread; number++)
        {
            // From the first event on: there is more to send at once than any buffer takes.
            unread.Add(await RawConnection.OpenUnreadAsync(service.Process.Address));
            await unread[^1].SendAsync($"GET {EventStream.Path}?last_event_id={FirstId} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(200, (await unread[^1].ReadHeadAsync()).Status);
        }

        await AcceptAsync(service, Events);

        Assert.InRange(Resident(service) - before, long.MinValue, MostGrowth);

        // A stop waits for none of them: it would take the minutes that deliveries may take.
        Assert.Equal(0, await service.StopAsync());
        unread.ForEach(static connection => connection.Dispose());
    }

    private static string FirstId => StoreFolder.IsPostgres ? "r.0" : "s.0";

    private static async Task AcceptAsync(RunningMiddleware service, int count) =>
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => service.Client.Accept(count / 10)));

    private static long Resident(RunningMiddleware service) => 1024 * long.Parse(
        File.ReadLines($"/proc/{service.Process.Id}/status").First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
