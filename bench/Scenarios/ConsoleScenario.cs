using System.Diagnostics;
using Microsoft.Playwright;
using Tests.EndToEnd;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>
/// The console on a full store: the time to the first paint of each page and to its content, in a browser that has nothing of it, with 100,000 events and 10,000 dead letters;
/// and the memory of the console while 20 people look at live events.
/// </summary>
internal sealed class ConsoleScenario(TestBed bed, Options options, Findings findings)
{
    private const double PaintBar = 1_000;
    private const double MemoryBar = 250;
    private const int DeadLetters = 10_000;
    private const int EventsOfRequest = 1_000;
    private const int BatchOfReceiver = 500;
    private const int Sessions = 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var service = await bed.MiddlewareAsync(null, new() { ["MAX_RETRIES"] = "0", ["REDELIVERY_SCHEDULE"] = "", ["QUEUE_SIZE"] = "100000", ["MAX_EVENT_BYTES"] = "1000000" }, cancellationToken);
        var endpoint = await FillAsync(service, cancellationToken);
        await using var console = await bed.ConsoleAsync(service, cancellationToken);
        await using var browser = await Browser.StartAsync(1280, 900);
        using var events = new EventSender(service);
        var newest = await events.Client.GetStringAsync(new Uri("/api/v1/events?limit=1", UriKind.Relative), cancellationToken);
        var id = newest.Split("\"event_id\":\"")[1][..32];

        var worst = 0.0;
        foreach (var path in (string[])
            ["/", "/events", "/events?q=m", $"/events/{id}", "/endpoints", $"/endpoints/{endpoint}", "/dead-letters", "/replays", "/filters", "/live", "/keys", "/audit", "/settings"])
        {
            var (paints, contents) = (new List<double>(), new List<double>());
            for (var round = 0; round <= options.Rounds; round++)
            {
                var (paint, content) = await VisitAsync(browser, new Uri($"http://{console.Address}{path}"));
                if (round > 0)
                {
                    // The first round is the warm-up.
                    paints.Add(paint);
                    contents.Add(content);
                }
            }

            worst = Math.Max(worst, Series.Middle(paints));
            findings.Note($"{path.Replace(id, "{id}").Replace(endpoint, "{id}")}: first paint {Series.Middle(paints):0} ms, content {Series.Middle(contents):0} ms");
        }

        findings.Bars.Add(new Bar("first paint in ms of the slowest page, median of its visits", PaintBar, worst, AtMost: true));
        await MeasureMemoryAsync(browser, console, events, cancellationToken);
    }

    private async Task MeasureMemoryAsync(Browser browser, ServiceProcess console, EventSender events, CancellationToken cancellationToken)
    {
        var pages = new List<IPage>();
        for (var session = 0; session < Sessions; session++)
        {
            var page = await browser.NewPageAsync();
            pages.Add(page);
            await page.GotoAsync($"http://{console.Address}/live");
            await page.GetByText("Following").WaitForAsync();
        }

        // So many rows that each page has all it keeps.
        await events.SendBatchAsync("made", EventsOfRequest, cancellationToken);
        foreach (var page in pages)
        {
            await page.GetByText("the newest 100 are shown").WaitForAsync();
        }

        findings.Note($"{Sessions} sessions on /live: peak RSS of the console {console.PeakMegabytes:0} MB");
        findings.Bars.Add(new Bar("peak RSS of the console in MB with 20 sessions", MemoryBar, console.PeakMegabytes, AtMost: true));
    }

    private static async Task<(double Paint, double Content)> VisitAsync(Browser browser, Uri address)
    {
        var page = await browser.NewPageAsync();
        try
        {
            var start = Stopwatch.GetTimestamp();
            await page.GotoAsync(address.ToString(), new() { WaitUntil = WaitUntilState.Commit });
            await page.Locator("main h1").WaitForAsync();
            await page.Locator("main table, main .empty, main .facts, main form").First.WaitForAsync();
            var content = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return (await PaintOfAsync(page), content);
        }
        finally
        {
            await page.Context.CloseAsync();
        }
    }

    /// <summary>The time of the first paint, which the browser may note after the content is there. The page's own waiting would need eval, which its policy forbids.</summary>
    private static async Task<double> PaintOfAsync(IPage page)
    {
        while (true)
        {
            if (await page.EvaluateAsync<double?>("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null") is { } paint)
            {
                return paint;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Has dead letters made by an endpoint that is not there, then events that nobody gets. Gives the id of the endpoint.</summary>
    private async Task<string> FillAsync(ServiceProcess service, CancellationToken cancellationToken)
    {
        using var registry = new EndpointRegistry(service);
        var failing = await registry.AddAsync(
            new NewEndpoint("failing", new Uri($"http://{service.Address}/nowhere"), new NewFilter(["failing"]), new BatchSettings(BatchOfReceiver, "1s")), cancellationToken);
        using var events = new EventSender(service);
        await events.SendAllAsync("failing", DeadLetters, EventsOfRequest, cancellationToken);
        await events.SendAllAsync("made", options.Events - DeadLetters, EventsOfRequest, cancellationToken);
        await registry.UntilEmptyAsync(failing, cancellationToken);
        var counts = await events.Client.GetStringAsync(new Uri("/api/v1/dead-letters/counts", UriKind.Relative), cancellationToken);
        if (!counts.StartsWith(Invariant($"{{\"total\":{DeadLetters},"), StringComparison.Ordinal))
        {
            findings.Problems.Add($"not {DeadLetters} dead letters: {counts}");
        }

        return failing;
    }
}
