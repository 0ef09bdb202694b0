using System.Diagnostics;

namespace Bench.Scenarios;

/// <summary>
/// The cost of a backlog: the memory of a service with a million events that wait, how fast it accepts against a fresh one in the same
/// run, how soon it answers the first page of its lists, and how soon it is ready again after a restart.
/// </summary>
internal sealed class BacklogScenario(TestBed bed, Options options, Findings findings)
{
    private const double MemoryBar = 250;
    private const double RateBar = 0.8;
    private const double PageBar = 50;
    private const int PageReads = 20;

    private static readonly string[] Lists =
        ["/api/v1/events?limit=50", "/api/v1/events?status=pending&limit=50", "/api/v1/dead-letters?limit=50", "/api/v1/endpoints"];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var folder = bed.NewFolder();
        var empty = findings.Add("accept, empty");
        var full = findings.Add("accept, backlog", empty);

        // Its gate stays closed: every event waits.
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using (var service = await bed.MiddlewareAsync(receiver, new() { ["DATA_DIR"] = folder }, cancellationToken))
        {
            using var subject = new Subject(full, service, options.Connections);
            findings.Check(full.Name, subject.Load.Run(Pace.Saturate(options.Events), cancellationToken));
            for (var round = 0; round < options.Rounds; round++)
            {
                await MeasureEmptyAsync(empty, receiver, cancellationToken);
                Measure(subject, cancellationToken);
            }

            await ReadListsAsync(service, cancellationToken);
            full.PeakMegabytes = service.PeakMegabytes;
        }

        await MeasureRestartAsync(receiver, folder, cancellationToken);
        findings.Note($"{options.Events} events waited before the first round");
        findings.Bars.Add(new Bar("accept with a backlog, of empty", RateBar, full.Ratio(empty)));
        findings.Bars.Add(new Bar("peak RSS in MB with a backlog", MemoryBar, full.PeakMegabytes.Value, AtMost: true));
    }

    private async Task MeasureEmptyAsync(Series series, ReceiverProcess receiver, CancellationToken cancellationToken)
    {
        await using var service = await bed.MiddlewareAsync(receiver, [], cancellationToken);
        using var subject = new Subject(series, service, options.Connections);
        subject.Saturate(findings, options.Warmup, cancellationToken);
        Measure(subject, cancellationToken);
    }

    /// <summary>Measures a rate; the latency of a closed loop is left out.</summary>
    private void Measure(Subject subject, CancellationToken cancellationToken) =>
        subject.Series.Add(subject.Saturate(findings, options.Seconds, cancellationToken) with { Latency = null });

    private async Task ReadListsAsync(ServiceProcess service, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{service.Address}") };
        foreach (var list in Lists)
        {
            var took = new List<double>();
            for (var read = 0; read < PageReads; read++)
            {
                var start = Stopwatch.GetTimestamp();
                using var page = await client.GetAsync(new Uri(list, UriKind.Relative), cancellationToken);
                took.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (page.StatusCode is not HttpStatusCode.OK)
                {
                    findings.Note($"GET {list} answers {(int)page.StatusCode}: not measured");
                    took.Clear();
                    break;
                }
            }

            if (took.Count > 0)
            {
                // The first compiles what it runs.
                findings.Note($"GET {list}: first {took[0]:0.0} ms, then at most {took.Skip(1).Max():0.0} ms");
                findings.Bars.Add(new Bar($"ms for a first page of {list}", PageBar, took.Skip(1).Max(), AtMost: true));
            }
        }
    }

    private async Task MeasureRestartAsync(ReceiverProcess receiver, string folder, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await using var service = await bed.MiddlewareAsync(receiver, new() { ["DATA_DIR"] = folder }, cancellationToken);
        findings.Note($"ready {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms after a restart with the backlog, with {service.PeakMegabytes:0} MB");
    }
}
