using Middleware.Callers;

namespace Tests.Middleware.ProcessTests;

[RunsNatively]
[Trait("Speed", "Slow")]
public class Stopping
{
    private const int Sighup = 1;
    private const int Sigint = 2;
    private const int Sigquit = 3;
    private const int Sigterm = 15;

    [Theory]
    [InlineData(Sighup)]
    [InlineData(Sigint)]
    [InlineData(Sigquit)]
    [InlineData(Sigterm)]
    public async Task Each_signal_to_stop_ends_an_idle_service_with_0_and_every_line_it_wrote_is_JSON(int signal)
    {
        using var data = new TemporaryDirectory();
        using var service = await ServiceProcess.StartAsync("Middleware.Api", $"DATA_DIR={data.Path}", $"ADMIN_KEY={KeyText.Generate()}");

        service.Signal(signal);

        Assert.Equal(0, await service.ExitCodeAsync());
        Assert.Empty(service.Errors);
        Assert.NotEmpty(service.Output);
        Assert.All(service.Output, line =>
        {
            var written = JsonNode.Parse(line)!;
            Assert.Equal("info", (string?)written["level"]);
            Assert.NotNull(written["msg"]);
            Assert.NotNull(written["logger"]);
            Assert.EndsWith("Z", (string?)written["timestamp"], StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task SIGTERM_under_load_delivers_every_event_that_was_accepted()
    {
        await using var receiver = await CountingReceiver.StartAsync();
        receiver.Hold();
        using var service = await ServiceProcess.StartAsync(
            "Middleware.Api", "ConnectionStrings__events=memory", $"EXTERNAL_ENDPOINT_URL={receiver.Address}", "QUEUE_SIZE=1000000", "HTTP_TIMEOUT=1m");
        using var client = new MiddlewareClient(service.Address);

        var accepted = new List<string>();
        var posting = Enumerable.Range(0, 4).Select(_ => PostUntilRefused(client, accepted)).ToList();
        await Waiting.Until(() => Count(accepted) >= 500);
        service.Terminate();
        await Waiting.Until(() => service.Log.Any(static line => ((string)line["msg"]!).StartsWith("Application is shutting down", StringComparison.Ordinal)));
        receiver.Release();
        await Task.WhenAll(posting).InTime();

        Assert.Equal(0, await service.ExitCodeAsync());
        Assert.Empty(accepted.Except(receiver.Received));
        Assert.Empty(receiver.Duplicates);
        Assert.Empty(service.Errors);
        Assert.DoesNotContain(service.Output, line => line.Contains("\"level\":\"error\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_cannot_be_delivered_in_time_is_counted_in_an_error_line()
    {
        await using var receiver = await CountingReceiver.StartAsync();
        receiver.Hold();
        using var service = await ServiceProcess.StartAsync(
            "Middleware.Api", "ConnectionStrings__events=memory", $"EXTERNAL_ENDPOINT_URL={receiver.Address}", "HTTP_TIMEOUT=1m", "SHUTDOWN_TIMEOUT=1s");
        using var client = new MiddlewareClient(service.Address);
        for (var number = 0; number < 25; number++)
        {
            Assert.NotNull(await Post(client));
        }

        await Waiting.Until(() => receiver.Came == 10);
        service.Terminate();

        Assert.Equal(0, await service.ExitCodeAsync());
        var error = Assert.Single(service.Output, line => line.Contains("\"level\":\"error\"", StringComparison.Ordinal));
        using var written = JsonDocument.Parse(error);
        Assert.Equal(
            "accepted events lost: they were not delivered within the time for the stop and the memory store keeps nothing",
            written.RootElement.GetProperty("msg").GetString());
        Assert.Equal(25, written.RootElement.GetProperty("lost").GetInt32());
        Assert.Equal(1, written.RootElement.GetProperty("seconds_given").GetInt32());
        Assert.Empty(service.Errors);
    }

    [Fact]
    public async Task A_killed_memory_store_leaves_its_file_to_the_next_start_and_one_that_stops_leaves_nothing()
    {
        using var temporary = new TemporaryDirectory();
        string[] settings = ["ConnectionStrings__events=memory", $"TMPDIR={temporary.Path}", "EXTERNAL_ENDPOINT_URL="];
        using var killed = await ServiceProcess.StartAsync("Middleware.Api", settings);
        using var running = await ServiceProcess.StartAsync("Middleware.Api", settings);
        var both = Folders();
        Assert.Equal(2, both.Count);

        await killed.KillAsync();
        Assert.Equal(both, Folders());
        using var next = await ServiceProcess.StartAsync("Middleware.Api", settings);
        Assert.Equal(2, Folders().Count);
        Assert.Single(Folders().Intersect(both));

        Assert.Equal(0, await next.StopAsync());
        Assert.Equal(0, await running.StopAsync());
        Assert.Empty(Folders());

        HashSet<string> Folders() => [.. Directory.GetDirectories(temporary.Path, "aspire-integration-memory-*")];
    }

    private static async Task PostUntilRefused(MiddlewareClient client, List<string> accepted)
    {
        while (await Post(client) is { } id)
        {
            lock (accepted)
            {
                accepted.Add(id);
            }
        }
    }

    /// <summary>The id of the accepted event; null when the service takes none any more.</summary>
    private static async Task<string?> Post(MiddlewareClient client)
    {
        try
        {
            return await client.Accept();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static int Count(List<string> accepted)
    {
        lock (accepted)
        {
            return accepted.Count;
        }
    }
}
