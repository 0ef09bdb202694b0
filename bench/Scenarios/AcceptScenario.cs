using System.Globalization;
using Bench.Load;
using Bench.Processes;
using Bench.Report;

namespace Bench.Scenarios;

/// <summary>How fast events are accepted while nothing can be delivered, against a bare Kestrel that parses the same JSON.</summary>
internal sealed class AcceptScenario(TestBed bed, Options options)
{
    private const double MemoryBar = 0.6;
    private const double SqliteBar = 0.5;
    private const double LoggingBar = 0.1;

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        var bare = _findings.Baseline = _findings.Add("bare Kestrel");
        var service = _findings.Add(options.SelfCheck ? "bare Kestrel again" : options.Sqlite ? "accept, SQLite" : "accept, memory");
        var silent = options.Logging is LoggingMode.Compare && !options.SelfCheck ? _findings.Add("accept, no logging") : null;

        for (var round = 0; round < options.Rounds; round++)
        {
            await BareAsync(bare, cancellationToken);
            await (options.SelfCheck ? BareAsync(service, cancellationToken) : MiddlewareAsync(service, [], cancellationToken));
            if (silent is not null)
            {
                await MiddlewareAsync(silent, new() { ["Logging__LogLevel__Default"] = "None" }, cancellationToken);
            }
        }

        Judge(bare, service, silent);
        return _findings;
    }

    private async Task BareAsync(Series series, CancellationToken cancellationToken)
    {
        await using var bare = await bed.BareAsync(cancellationToken);
        series.Add(Measure(series.Name, bare, cancellationToken));
    }

    private async Task MiddlewareAsync(Series series, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        // Its gate stays closed: the workers hang in their first delivery, and every event stays in the queue.
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var service = await bed.MiddlewareAsync(receiver, settings, cancellationToken);
        series.Add(Measure(series.Name, service, cancellationToken));
    }

    private Sample Measure(string name, ServiceProcess process, CancellationToken cancellationToken)
    {
        using var load = new LoadGenerator(process.Address, options.Connections);
        var duration = TimeSpan.FromSeconds(options.Seconds);
        _findings.Check(name, load.Run(Pace.Saturate(TimeSpan.FromSeconds(options.Warmup)), cancellationToken));

        var before = process.CpuTime;
        var saturated = load.Run(Pace.Saturate(duration), cancellationToken);
        var used = process.CpuTime - before;

        var rate = options.Rate > 0 ? options.Rate : saturated.PerSecond / 2;
        var open = load.Run(Pace.Fixed(rate, duration), cancellationToken);
        _findings.Check(name, saturated);
        _findings.Check(name, open);

        return new Sample
        {
            PerSecond = saturated.PerSecond,
            CpuMicrosecondsPerEvent = used.TotalMicroseconds / saturated.Answered,
            PeakMegabytes = process.PeakMegabytes,
            OpenRate = rate,
            Latency = open.Latency,
        };
    }

    private void Judge(Series bare, Series service, Series? silent)
    {
        var ratios = service.Ratios(bare);
        _findings.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"ratio by round {ratios[0]:0.00} to {ratios[^1]:0.00}; latencies at half of each one's own saturation unless --rate is given"));
        _findings.Bars.Add(new Bar("accept, of bare Kestrel", options.Sqlite ? SqliteBar : MemoryBar, _findings.Ratio(service)!.Value));
        if (silent is not null)
        {
            _findings.Bars.Add(new Bar("what logging costs of the accept rate", LoggingBar, 1 - (service.PerSecond / silent.PerSecond), AtMost: true));
        }
    }
}
