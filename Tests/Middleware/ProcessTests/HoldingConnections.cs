using System.Net.Sockets;

namespace Tests.Middleware.ProcessTests;

/// <summary>Connections that are held and say nothing, to a service that may have 512 files open, of which it needs most itself.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public class HoldingConnections
{
    private const string FewFiles = "ulimit=512";
    private const string Empty = """{"items":[],"next_cursor":null}""";
    private const int Passing = 32;

    [Fact(Timeout = 180_000)]
    public async Task Deliveries_go_on_and_health_is_answered_while_they_are_held()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such limit.");
        await using var receivers = await CountingReceiver.StartAsync();
        using var service = await RunningMiddleware.StartAsync(FewFiles);

        // A sender that was there before goes on over its connection, and its event is the first that is delivered.
        using var early = await RawConnection.OpenAsync(service.Process.Address);
        Assert.Equal(201, await AskAsync(early, "POST /api/v1/endpoints", $$"""{"name":"one","url":"{{receivers.Url("one")}}"}"""));
        var idle = await HoldAsync(service.Process.Address, 450);
        for (var number = 0; number < 20; number++)
        {
            Assert.Equal(200, await PostAsync(early));
        }

        // A new connection takes the place of one that says nothing.
        Assert.NotEmpty(await GetAsync(service.Process.Address, "/health/ready"));
        var id = await service.Client.Accept();
        await service.Client.LookWhenEnded(id);
        Assert.Equal(1, receivers.Times("one", id));
        await Waiting.Until(async () => await GetAsync(service.Process.Address, "/api/v1/events?status=pending") == Empty);
        Assert.Equal(Empty, await GetAsync(service.Process.Address, "/api/v1/dead-letters"));
        RawConnection.End(idle);
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact(Timeout = 300_000)]
    public async Task Connections_that_are_opened_again_and_again_keep_neither_probes_nor_events_out()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such limit.");
        using var service = await RunningMiddleware.StartAsync(FewFiles);
        using var early = await RawConnection.OpenAsync(service.Process.Address);
        var probing = new Probing(service.Process.Address);
        while (probing.GoesOn)
        {
            var idle = await HoldAsync(service.Process.Address, 450);
            Assert.Equal(200, await PostAsync(early));
            await probing.ProbeAsync();
            using (var late = await RawConnection.OpenAsync(service.Process.Address))
            {
                Assert.Equal(200, await PostAsync(late));
            }

            RawConnection.End(idle);
        }

        probing.WereInTime();
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact(Timeout = 180_000)]
    public async Task Those_there_is_no_room_for_displace_the_last_that_came_and_no_other()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such limit.");
        using var service = await RunningMiddleware.StartAsync(FewFiles);
        await Waiting.Until(() => service.Process.Log.Any(IsLimit));
        var most = (int)service.Process.Log.Single(IsLimit)["connections"]!;

        var first = await HoldAsync(service.Process.Address, most);
        var late = await HoldAsync(service.Process.Address, 300);

        // They are taken in the order in which they came: when this one is answered, all others were.
        using var last = await RawConnection.OpenAsync(service.Process.Address);
        Assert.Equal(200, await PostAsync(last));
        Assert.Equal(most - Passing, (await Task.WhenAll(first.Select(PostAsync))).Count(static status => status == 200));
        Assert.Equal(Passing - 1, (await Task.WhenAll(late.Select(PostAsync))).Count(static status => status == 200));

        // The places of those that leave are free again.
        RawConnection.End([.. first, .. late]);
        await Waiting.Until(async () =>
        {
            var again = await HoldAsync(service.Process.Address, most - Passing);
            var answered = (await Task.WhenAll(again.Select(PostAsync))).Count(static status => status == 200);
            RawConnection.End(again);
            return answered == most - Passing;
        });
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact(Timeout = 180_000)]
    public async Task A_body_that_never_ends_is_cut_off_by_a_stop_and_is_no_error()
    {
        using var service = await ServiceProcess.StartAsync("Middleware.Api", "SHUTDOWN_TIMEOUT=1s", "ConnectionStrings__events=memory");
        using var stalled = await RawConnection.OpenAsync(service.Address);
        await stalled.DeclareAsync("/integrations/events", "Content-Length: 200");
        await stalled.SendAsync("{");

        service.Terminate();

        Assert.Equal(0, await service.ExitCodeAsync());
        Assert.Null(await stalled.ReadAsync());
        Assert.DoesNotContain(service.Log, static line => (string?)line["level"] is "error" or "critical");
    }

    [Fact(Timeout = 180_000)]
    public async Task Whatever_becomes_of_a_try_it_needs_no_assembly_that_is_not_loaded()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux shows what a process has loaded.");
        await using var receivers = await CountingReceiver.StartAsync();
        using var service = await RunningMiddleware.StartAsync();
        var url = receivers.Url("one").AbsoluteUri;

        // What it takes to register and to accept is not the try's.
        await service.Client.Delete((await service.Client.Register("""{"name":"none","url":"https://example.com/"}""")).Id);
        await service.Client.LookWhenEnded(await service.Client.Accept());
        var loaded = service.Process.Loaded;
        await DeliverAsync(url, "delivered");
        await DeliverAsync(url, "delivered", ""","format":"cloudevents","batch":{"max_size":2,"max_wait":"10ms"}""");
        await DeliverAsync(url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "delivered");
        await DeliverAsync(url.Replace("http:", "https:", StringComparison.Ordinal), "dead_letter");
        await DeliverAsync("http://127.0.0.1:2/", "dead_letter");

        // Without these the traces of exceptions have no line numbers.
        Assert.Empty(service.Process.Loaded.Except(loaded).Except(["System.Diagnostics.StackTrace.dll", "System.IO.MemoryMappedFiles.dll", "System.Reflection.Metadata.dll"]));

        async Task DeliverAsync(string to, string status, string more = "")
        {
            var (endpoint, _) = await service.Client.Register($$"""{"name":"one","url":"{{to}}","max_retries":1,"base_delay":"1ms","redelivery_schedule":[]{{more}}}""");
            Assert.Equal(status, (string?)(await service.Client.LookWhenEnded(await service.Client.Accept()))["status"]);
            await service.Client.Delete(endpoint);
        }
    }

    private static bool IsLimit(JsonNode line) => (string?)line["msg"] == "connections are limited";

    private static async Task<RawConnection[]> HoldAsync(Uri service, int count) =>
        [.. (await Task.WhenAll(Enumerable.Range(0, count).Select(_ => TryOpenAsync(service)))).OfType<RawConnection>()];

    /// <summary>Null for a connection that is displaced before this process has seen that it is open.</summary>
    private static async Task<RawConnection?> TryOpenAsync(Uri service)
    {
        try
        {
            return await RawConnection.OpenAsync(service);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return null;
        }
    }

    private static Task<int?> PostAsync(RawConnection connection) => AskAsync(connection, "POST /integrations/events", ServiceRequests.Event("tests"));

    /// <summary>The status answered; null on a connection that is closed.</summary>
    private static async Task<int?> AskAsync(RawConnection connection, string request, string body)
    {
        try
        {
            await connection.SendAsync($"{request} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            return (await connection.ReadAsync())?.Status;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<string> GetAsync(Uri service, string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(service, path), Waiting.Cancellation);
    }
}
