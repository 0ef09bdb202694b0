using System.Text;

namespace Tests.Middleware.ProcessTests;

/// <summary>Senders that declare much, or send much and no end, to a service in 384 MiB of heap.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public class HoldingBodies
{
    private const string Batch = "/integrations/events/batch";
    private const int LargestBatch = 8 << 20;
    private const int LargestEvent = 16 << 20;

    [Theory(Timeout = 180_000)]
    [InlineData(60)]
    [InlineData(300)]
    public async Task What_is_declared_and_not_sent_costs_nothing(int connections)
    {
        using var service = await RunningMiddleware.StartAsync(RunningMiddleware.SmallHeap);
        var held = await RawConnection.DeclareAsync(service.Process.Address, connections, Batch, $"Content-Length: {LargestBatch}");
        foreach (var connection in held)
        {
            await connection.SendAsync("[");
        }

        await service.Client.Accept();
        using (var http = new HttpClient { BaseAddress = service.Process.Address })
        {
            await http.Send(HttpMethod.Post, Batch, Largest(), "application/json").HasStatus(HttpStatusCode.OK);
        }

        // Whoever goes on is served.
        await held[^1].SendAsync(Largest().AsMemory(1));
        Assert.Equal(200, (await held[^1].ReadAsync())?.Status);
        Assert.Equal(0, await EndAsync(service, held));
    }

    [Theory(Timeout = 180_000)]
    [InlineData("/integrations/events", LargestEvent)]
    [InlineData(Batch, LargestBatch)]
    [InlineData("/api/v1/filters/test", LargestEvent)]
    public async Task What_is_sent_without_its_end_is_bounded_and_others_are_served(string path, int length)
    {
        using var service = await RunningMiddleware.StartAsync(RunningMiddleware.SmallHeap, $"MAX_EVENT_BYTES={LargestEvent}");
        var held = await RawConnection.DeclareAsync(service.Process.Address, 60, path, $"Content-Length: {length}");
        var sent = Encoding.UTF8.GetBytes("[\"".PadRight(length - 1, 'x'));
        var answers = held.Select(static connection => connection.ReadAsync()).ToList();
        await Task.WhenAll(held.Zip(answers, (connection, answer) => SendAsync(connection, sent, answer)));

        // What there is no room for is answered, all the rest waits for its end.
        var refusal = await await Task.WhenAny(answers);
        Assert.Equal((503, "1"), (refusal?.Status, refusal?["Retry-After"]));
        Assert.Contains("MAX_BODY_BYTES_IN_FLIGHT", refusal!.Body, StringComparison.Ordinal);
        await service.Client.Accept();
        Assert.Equal(0, await EndAsync(service, held));
    }

    [Fact(Timeout = 300_000)]
    public async Task Bodies_that_are_begun_again_and_again_keep_neither_probes_nor_events_out()
    {
        const int Connections = 500;
        using var service = await RunningMiddleware.StartAsync(RunningMiddleware.SmallHeap);
        var probing = new Probing(service.Process.Address);
        for (var round = 0; probing.GoesOn; round++)
        {
            // All that is sent is more than there is room for in every other round.
            var sent = Encoding.UTF8.GetBytes("[\"".PadRight(round % 2 == 0 ? 256 << 10 : 1 << 10, 'x'));
            var held = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
            {
                var connection = await RawConnection.OpenAsync(service.Process.Address);
                await connection.SendAsync($"POST {Batch} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {LargestBatch}\r\n\r\n");
                return connection;
            }));
            var sending = Task.WhenAll(held.Select(connection => TrySendAsync(connection, sent)));
            await probing.ProbeAsync();
            await sending;
            await probing.ProbeAsync();
            await service.Client.Accept();
            RawConnection.End(held);
            await probing.ProbeAsync();
        }

        probing.WereInTime();
        Assert.Equal(0, await service.StopAsync());
    }

    /// <summary>Sends what is taken: the service may have refused the body before it came whole.</summary>
    private static async Task TrySendAsync(RawConnection connection, ReadOnlyMemory<byte> body)
    {
        try
        {
            await connection.SendAsync(body);
        }
        catch (IOException)
        {
            Assert.Equal(503, (await connection.ReadAsync())?.Status ?? 503);
        }
    }

    private static async Task SendAsync(RawConnection connection, ReadOnlyMemory<byte> body, Task<RawAnswer?> answer)
    {
        try
        {
            await connection.SendAsync(body);
        }
        catch (IOException)
        {
            // It was refused before it had come whole, and was told so.
            Assert.NotNull(await answer);
        }
    }

    private static byte[] Largest() => Encoding.UTF8.GetBytes($"[{ServiceRequests.Event("tests")}]".PadRight(LargestBatch));

    private static Task<int> EndAsync(RunningMiddleware service, RawConnection[] held)
    {
        RawConnection.End(held);
        return service.StopAsync();
    }
}
