using System.Diagnostics;
using System.Globalization;
using Bench.Load;
using Bench.Net;
using Bench.Processes;
using Bench.Report;
using Bench.Serve;

namespace Bench.Scenarios;

/// <summary>How fast a backlog is delivered once the receiver answers, against as many loops on a raw HttpClient.</summary>
internal sealed class DeliverScenario(TestBed bed, Options options)
{
    private const double DeliverBar = 0.5;

    /// <summary>Let through first and not measured.</summary>
    private readonly int _warmup = Math.Min(50_000, options.Events);

    private readonly Findings _findings = new();

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        var raw = _findings.Baseline = _findings.Add("raw HttpClient");
        var service = _findings.Add(options.SelfCheck ? "raw HttpClient again" : options.Sqlite ? "deliver, SQLite" : "deliver, memory");

        for (var round = 0; round < options.Rounds; round++)
        {
            await RawAsync(raw, cancellationToken);
            await (options.SelfCheck ? RawAsync(service, cancellationToken) : MiddlewareAsync(service, cancellationToken));
        }

        var ratios = service.Ratios(raw);
        _findings.Notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"{options.Events} events, {options.Workers} workers; ratio by round {ratios[0]:0.00} to {ratios[^1]:0.00}"));
        _findings.Bars.Add(new Bar("deliver, of raw HttpClient", DeliverBar, _findings.Ratio(service)!.Value));
        return _findings;
    }

    private async Task RawAsync(Series series, CancellationToken cancellationToken)
    {
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var raw = bed.Raw(receiver, _warmup + options.Events);
        await WarmUpAsync(receiver, cancellationToken);
        series.Add(await MeasureAsync(series.Name, receiver, raw, cancellationToken));
    }

    private async Task MiddlewareAsync(Series series, CancellationToken cancellationToken)
    {
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var service = await bed.MiddlewareAsync(receiver, new Dictionary<string, string>(), cancellationToken);
        using var load = new LoadGenerator(service.Address, options.Connections);

        _findings.Check(series.Name, load.Run(Pace.Saturate(_warmup), cancellationToken));
        await WarmUpAsync(receiver, cancellationToken);
        _findings.Check(series.Name, load.Run(Pace.Saturate(options.Events), cancellationToken));
        series.Add(await MeasureAsync(series.Name, receiver, service, cancellationToken));
    }

    private async Task WarmUpAsync(ReceiverProcess receiver, CancellationToken cancellationToken)
    {
        await receiver.OpenAsync(_warmup, cancellationToken);
        var stats = await receiver.UntilAsync(seen => seen.Events >= _warmup, cancellationToken);
        if (stats.Events < _warmup)
        {
            throw new BenchException($"only {stats.Events} of {_warmup} events were delivered while warming up");
        }
    }

    private async Task<Sample> MeasureAsync(string name, ReceiverProcess receiver, ServiceProcess process, CancellationToken cancellationToken)
    {
        // Every worker stands at the gate before it opens.
        await receiver.UntilAsync(seen => seen.Held >= Math.Min(options.Workers, options.Events), cancellationToken);
        var before = process.CpuTime;
        await receiver.OpenAsync(2L * options.Events, cancellationToken);
        var all = _warmup + options.Events;
        await receiver.UntilAsync(seen => seen.Unique >= all, cancellationToken);
        var (used, peak) = (process.CpuTime - before, process.PeakMegabytes);

        // A duplicate would come last.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellationToken);
        var stats = await receiver.StatsAsync(cancellationToken);
        _findings.Check(name, all, stats);
        return new Sample
        {
            PerSecond = Rate(stats),
            CpuMicrosecondsPerEvent = used.TotalMicroseconds / options.Events,
            PeakMegabytes = peak,
        };
    }

    private double Rate(ReceiverStats stats) =>
        (stats.Events - _warmup) / Stopwatch.GetElapsedTime(stats.OpenedAt, stats.LastAt).TotalSeconds;
}
