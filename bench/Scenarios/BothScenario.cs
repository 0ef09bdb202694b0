using System.Diagnostics;
using Bench.Load;
using Bench.Net;
using Bench.Processes;
using Bench.Report;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>Accepting and delivering at once: from the first accept to the last delivery, then the latency of accepting at half that rate.</summary>
internal sealed class BothScenario(TestBed bed, Options options)
{
    private readonly Findings _findings = new();
    private long _accepted;

    public async Task<Findings> RunAsync(CancellationToken cancellationToken)
    {
        await using var receiver = await bed.ReceiverAsync(cancellationToken);
        await using var service = await bed.MiddlewareAsync(receiver, [], cancellationToken);
        using var load = new LoadGenerator(service.Address, options.Connections);

        var store = options.Sqlite ? "SQLite" : "memory";
        var accepted = _findings.Add($"accepted, {store}");
        var delivered = _findings.Add($"delivered, {store}");

        await receiver.OpenAsync(long.MaxValue, cancellationToken);
        await SendAsync(load, Pace.Saturate(TimeSpan.FromSeconds(options.Warmup)), receiver, cancellationToken);
        for (var round = 0; round < options.Rounds; round++)
        {
            var before = service.CpuTime;
            var (saturated, last) = await SendAsync(load, Pace.Saturate(options.Events), receiver, cancellationToken);
            var used = service.CpuTime - before;
            var perSecond = saturated.Accepted / Stopwatch.GetElapsedTime(saturated.Start, last).TotalSeconds;

            var rate = options.Rate > 0 ? options.Rate : perSecond / 2;
            var (open, _) = await SendAsync(load, Pace.Fixed(rate, TimeSpan.FromSeconds(options.Seconds)), receiver, cancellationToken);
            accepted.Add(new Sample { PerSecond = saturated.PerSecond, OpenRate = rate, Latency = open.Latency });
            delivered.Add(new Sample { PerSecond = perSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / saturated.Accepted });
            delivered.PeakMegabytes = service.PeakMegabytes;
        }

        // A duplicate would come last.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
        var stats = await receiver.StatsAsync(cancellationToken);
        _findings.Check(delivered.Name, _accepted, stats);
        _findings.Notes.Add(Invariant(
            $"{options.Events} events a round, {options.Workers} workers, both rates from the first request sent; latency is of accepting while delivering; CPU is for both"));
        _findings.Notes.Add(Invariant($"of {_accepted} events accepted {_accepted - stats.Unique} were lost and {stats.Duplicates} duplicated"));
        return _findings;
    }

    /// <summary>Sends, and waits until all of it has been delivered.</summary>
    private async Task<(LoadResult Load, long LastAt)> SendAsync(
        LoadGenerator load, Pace pace, ReceiverProcess receiver, CancellationToken cancellationToken)
    {
        var result = load.Run(pace, cancellationToken);
        _findings.Check("accepted", result);
        _accepted += result.Accepted;
        var stats = await receiver.UntilAsync(seen => seen.Unique >= _accepted, cancellationToken);
        return stats.Unique >= _accepted
            ? (result, stats.LastAt)
            : throw new BenchException($"of {_accepted} accepted events {_accepted - stats.Unique} were not delivered");
    }
}
