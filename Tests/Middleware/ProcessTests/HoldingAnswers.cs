using System.Runtime.CompilerServices;
using System.Text;

namespace Tests.Middleware.ProcessTests;

/// <summary>Clients that ask and do not read, to a service in 384 MiB of heap.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public class HoldingAnswers
{
    private const int Connections = 600;
    private const int PageSize = 1_000;
    private const int LargestEvent = 16 << 20;

    // So many events come through while no client gets rid of more: then all have sent what they can.
    private const int Unchanged = 50;

    [Theory(Timeout = 180_000)]
    [InlineData("/nothing")]
    [InlineData("/alive")]
    public async Task Requests_that_are_sent_ahead_are_bounded_and_others_are_served(string path)
    {
        await using var receivers = await CountingReceiver.StartAsync();
        using var service = await RunningMiddleware.StartAsync(RunningMiddleware.SmallHeap);
        await service.Client.Register($$"""{"name":"one","url":"{{receivers.Url("one")}}"}""");
        var requests = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n", 1_000)));

        // The memory of those who left is there for those who come.
        for (var round = 0; round < 2; round++)
        {
            var held = await HoldAsync(service.Process.Address);
            var sent = new StrongBox<long>();
            var sending = Task.WhenAll(held.Select(connection => SendAsync(connection, requests, sent)));
            for (var (served, last) = (0, -1L); served < Unchanged; served = Volatile.Read(ref sent.Value) == last ? served + 1 : 0)
            {
                last = Volatile.Read(ref sent.Value);
                await IsServedAsync(service, receivers);
            }

            RawConnection.End(held);
            await sending;
        }

        await IsServedAsync(service, receivers);
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact(Timeout = 180_000)]
    public async Task Pages_that_nobody_reads_are_bounded_and_others_are_served()
    {
        using var service = await RunningMiddleware.StartAsync(RunningMiddleware.SmallHeap);
        var name = new string('\u4e2d', 256);
        await PostAsync(service, "/integrations/events/batch", Enumerable.Repeat(new { source = name, event_type = name, severity = "low", message = "m" }, PageSize));

        // The system's buffers may take them whole.
        var answers = await AskAsync(service, $"/api/v1/events?limit={PageSize}");
        Assert.All(answers, static answer => Assert.True(answer.Status is 200 or 503, answer.Head));
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact(Timeout = 180_000)]
    public async Task Payloads_that_nobody_reads_are_bounded_and_others_are_served()
    {
        using var service = await RunningMiddleware.StartAsync(RunningMiddleware.SmallHeap, $"MAX_EVENT_BYTES={LargestEvent}");
        var accepted = await PostAsync(service, "/integrations/events", new { source = "tests", event_type = "t", severity = "low", message = "m", metadata = new { text = new string('m', LargestEvent / 2) } });
        var answers = await AskAsync(service, $"/api/v1/events/{JsonNode.Parse(accepted)!["event_id"]}");
        Assert.Contains(answers, static answer => answer.Status == 200);
        Assert.Contains(answers, static answer => (answer.Status, answer["Retry-After"]) == (503, "1"));
        Assert.Equal(0, await service.StopAsync());
    }

    /// <summary>The heads of the answers to all who ask and read no more. Meanwhile others are served, and all of them once these have left.</summary>
    private static async Task<RawAnswer[]> AskAsync(RunningMiddleware service, string path)
    {
        await using var receivers = await CountingReceiver.StartAsync();
        await service.Client.Register($$"""{"name":"one","url":"{{receivers.Url("one")}}"}""");
        var held = await HoldAsync(service.Process.Address);
        var asking = Task.WhenAll(held.Select(async connection =>
        {
            await connection.SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            return await connection.ReadHeadAsync();
        }));
        while (!asking.IsCompleted)
        {
            await IsServedAsync(service, receivers);
        }

        var answers = await asking;
        await IsServedAsync(service, receivers);
        await service.Client.Get("events?limit=5");
        RawConnection.End(held);
        using var http = new HttpClient { BaseAddress = service.Process.Address };
        await Waiting.Until(async () =>
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Waiting.Cancellation);
            return answer.StatusCode == HttpStatusCode.OK;
        });
        await IsServedAsync(service, receivers);
        return answers;
    }

    private static async Task<string> PostAsync<T>(RunningMiddleware service, string path, T body)
    {
        using var http = new HttpClient { BaseAddress = service.Process.Address };
        using var accepted = await http.Send(HttpMethod.Post, path, JsonSerializer.SerializeToUtf8Bytes(body), "application/json").WithStatus(HttpStatusCode.OK);
        return await accepted.Content.ReadAsStringAsync(Waiting.Cancellation);
    }

    private static Task<RawConnection[]> HoldAsync(Uri service) =>
        Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => RawConnection.OpenUnreadAsync(service)));

    /// <summary>Sends for as long as the service takes it, and counts the parts.</summary>
    private static async Task SendAsync(RawConnection connection, ReadOnlyMemory<byte> requests, StrongBox<long> sent)
    {
        try
        {
            while (true)
            {
                await connection.SendAsync(requests);
                Interlocked.Increment(ref sent.Value);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or TimeoutException)
        {
            // Closed by the test or by the service, or not taken for long.
        }
    }

    private static async Task IsServedAsync(RunningMiddleware service, CountingReceiver receivers)
    {
        await RawConnection.IsAliveAsync(service.Process.Address);
        var id = await service.Client.Accept();
        await Waiting.Until(() => receivers.Times("one", id) == 1);
    }
}
