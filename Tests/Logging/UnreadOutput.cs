using Tests.Middleware.Telemetry;

namespace Tests.Logging;

/// <summary>Nobody reads what a service writes: its standard output is a pipe that is full.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class UnreadOutput
{
    private const string Dropped = "log lines dropped";
    private const string Count = "integration_log_dropped_total";

    // A refused delivery is a line, whatever the number: far more than a pipe and any queue of lines hold.
    private const int Batches = 6;
    private const int EventsPerBatch = 1_000;

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Stops_neither_accepting_nor_delivering_nor_the_stop()
    {
        await using var stage = await LogStage.StartAsync();
        stage.Service.StopReading();

        await FailAllAsync(stage);

        await stage.AskAsync(HttpMethod.Get, "/alive", null, HttpStatusCode.OK);
        await stage.EventAsync("refused");
        Assert.Equal(0, await stage.Service.StopAsync());
        Assert.Empty(stage.Service.Errors);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Drops_lines_and_counts_them_when_it_is_read_again()
    {
        await using var stage = await LogStage.StartAsync();
        using var http = new HttpClient { BaseAddress = stage.Service.Address };
        Assert.Equal(0, (await Scrape.Of(http))[Count]);
        stage.Service.StopReading();
        await FailAllAsync(stage);

        stage.Service.ReadOn();
        var told = await stage.LinesAsync(Dropped);
        var dropped = told.Sum(static line => (long)line["dropped"]!);

        Assert.InRange(dropped, 1, long.MaxValue);
        await Scrape.Until(http, Count, dropped);
        var failed = (await stage.LinesAsync("failed to send event")).Select(static line => (string)line["event_id"]!).Distinct().Count();
        Assert.InRange(failed, 1, (Batches * EventsPerBatch) - 1);
        Assert.InRange(failed + dropped, Batches * EventsPerBatch, long.MaxValue);
        Assert.Equal("warn", (string?)told[0]["level"]);

        // It flows again: nothing is lost of what follows.
        var last = await stage.EventAsync("refused");
        await Waiting.SeeAsync(() => stage.LinesAsync("failed to send event"), lines => lines.Any(line => (string?)line["event_id"] == last), "the last line");
        await stage.AllLinesAsync();
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Does_not_stop_the_external_alerts_either()
    {
        using var service = await ServiceProcess.StartAsync("ExternalAlerts.Api", "Logging__LogLevel__Microsoft.AspNetCore=Trace");
        using var http = new HttpClient { BaseAddress = service.Address };
        service.StopReading();

        var scrape = await Scrape.Until(http, static scrape => scrape[Count] > 0);
        await http.GetAsync("/external/alerts", Waiting.Cancellation).InTime().HasStatus(HttpStatusCode.OK);

        Assert.NotNull(scrape[Count]);
        Assert.Equal(0, await service.StopAsync());
    }

    /// <summary>Has 6,000 deliveries refused, each with a line, and waits until all are.</summary>
    private static async Task FailAllAsync(LogStage stage)
    {
        await stage.EndpointAsync("refused", "/status/400");
        var batch = $"[{string.Join(',', Enumerable.Repeat(LogStage.Event("refused"), EventsPerBatch))}]";
        for (var number = 0; number < Batches; number++)
        {
            await stage.AskAsync(HttpMethod.Post, "/integrations/events/batch", batch, HttpStatusCode.OK);
        }

        await Waiting.SeeAsync(
            () => stage.AskAsync(HttpMethod.Get, "/api/v1/events?status=pending&limit=1", null, HttpStatusCode.OK),
            static page => page!["items"] is JsonArray { Count: 0 },
            "all is refused");
    }
}
