using System.Diagnostics;
using Bench.Load;
using Bench.Net;
using Bench.Processes;
using Bench.Report;
using Bench.Serve;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>A service that accepts and delivers at once, the load on it, and the receiver of all its endpoints, each of which takes every event.</summary>
internal sealed class Flow(
    Findings findings, string name, ServiceProcess service, ReceiverProcess receiver, int connections, int endpoints = 1, long earlier = 0) : IDisposable
{
    private readonly LoadGenerator _load = new(service.Address, connections);

    /// <summary>Deliveries of all events accepted so far, those accepted earlier by other means included.</summary>
    public long Expected { get; private set; } = earlier;

    /// <summary>Sends, and waits until all of it has been delivered.</summary>
    public async Task<LoadResult> SendAsync(Pace pace, CancellationToken cancellationToken) => (await RunAsync(pace, cancellationToken)).Load;

    /// <summary>Does the same. The rate counts from the first request sent to the last delivery; the CPU is for accepting and delivering.</summary>
    public async Task<(LoadResult Load, double DeliveredPerSecond, TimeSpan Cpu)> MeasureAsync(Pace pace, CancellationToken cancellationToken)
    {
        var before = service.CpuTime;
        var (load, _, last) = await RunAsync(pace, cancellationToken);
        var used = service.CpuTime - before;
        return (load, load.Accepted * endpoints / Stopwatch.GetElapsedTime(load.Start, last).TotalSeconds, used);
    }

    /// <summary>Does the same, but the rate counts from the first request sent to the last answer, and of the deliveries those made by then.</summary>
    public async Task<(LoadResult Load, double DeliveredPerSecond)> MeasureMeanwhileAsync(Pace pace, CancellationToken cancellationToken)
    {
        var (load, meanwhile, _) = await RunAsync(pace, cancellationToken);
        return (load, meanwhile / Stopwatch.GetElapsedTime(load.Start, load.End).TotalSeconds);
    }

    /// <summary>Notes what was lost and what came twice.</summary>
    public async Task<ReceiverStats> CheckAsync(CancellationToken cancellationToken)
    {
        // A duplicate would come last.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
        var stats = await receiver.StatsAsync(cancellationToken);
        findings.Check(name, Expected, stats);
        return stats;
    }

    public void Dispose() => _load.Dispose();

    private async Task<(LoadResult Load, long Meanwhile, long LastAt)> RunAsync(Pace pace, CancellationToken cancellationToken)
    {
        var result = _load.Run(pace, cancellationToken);
        var meanwhile = (await receiver.StatsAsync(cancellationToken)).Unique - Expected;
        findings.Check(name, result);
        Expected += result.Accepted * endpoints;
        var stats = await receiver.UntilAsync(seen => seen.Unique >= Expected, cancellationToken);
        return stats.Unique >= Expected
            ? (result, meanwhile, stats.LastAt)
            : throw new BenchException(Invariant($"{name}: {Expected - stats.Unique} of {Expected} deliveries were not made"));
    }
}
