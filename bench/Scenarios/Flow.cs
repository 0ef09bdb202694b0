using System.Diagnostics;
using Bench.Serve;
using static System.FormattableString;

namespace Bench.Scenarios;

/// <summary>A service that accepts and delivers at once, the load on it, and the receiver of all its endpoints.</summary>
/// <param name="findings">Where what goes wrong is noted.</param>
/// <param name="name">Its name there.</param>
/// <param name="receiver">The receiver.</param>
/// <param name="load">The load.</param>
/// <param name="cpuTime">The CPU that its processes have used.</param>
/// <param name="endpoints">The number of endpoints that take each event.</param>
/// <param name="earlier">The deliveries of events that were accepted by other means.</param>
internal sealed class Flow(
    Findings findings, string name, ReceiverProcess receiver, LoadGenerator load, Func<TimeSpan> cpuTime, int endpoints = 1, long earlier = 0) : IDisposable
{
    public Flow(Findings findings, string name, ServiceProcess service, ReceiverProcess receiver, int connections, int endpoints = 1, long earlier = 0)
        : this(findings, name, receiver, new LoadGenerator(service.Address, connections), () => service.CpuTime, endpoints, earlier)
    {
    }

    /// <summary>Deliveries of all events accepted so far, those accepted earlier by other means included.</summary>
    public long Expected { get; private set; } = earlier;

    /// <summary>Sends, and waits until all of it has been delivered.</summary>
    public async Task<LoadResult> SendAsync(Pace pace, CancellationToken cancellationToken) => (await RunAsync(pace, cancellationToken)).Load;

    /// <summary>Does the same. The rate counts from the first request sent to the last delivery; the CPU is for accepting and delivering.</summary>
    public async Task<(LoadResult Load, double DeliveredPerSecond, TimeSpan Cpu)> MeasureAsync(Pace pace, CancellationToken cancellationToken)
    {
        var before = cpuTime();
        var (sent, _, last) = await RunAsync(pace, cancellationToken);
        var used = cpuTime() - before;
        return (sent, sent.Accepted * endpoints / Stopwatch.GetElapsedTime(sent.Start, last).TotalSeconds, used);
    }

    /// <summary>Does the same with so many events.</summary>
    public async Task<Sample> MeasureAsync(int events, CancellationToken cancellationToken)
    {
        var (sent, perSecond, used) = await MeasureAsync(Pace.Saturate(events), cancellationToken);
        return new Sample { PerSecond = perSecond, CpuMicrosecondsPerEvent = used.TotalMicroseconds / sent.Accepted };
    }

    /// <summary>Does the same, but the rate counts from the first request sent to the last answer, and of the deliveries those made by then.</summary>
    public async Task<(LoadResult Load, double DeliveredPerSecond)> MeasureMeanwhileAsync(Pace pace, CancellationToken cancellationToken)
    {
        var (sent, meanwhile, _) = await RunAsync(pace, cancellationToken);
        return (sent, meanwhile / Stopwatch.GetElapsedTime(sent.Start, sent.End).TotalSeconds);
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

    public void Dispose() => load.Dispose();

    private async Task<(LoadResult Load, long Meanwhile, long LastAt)> RunAsync(Pace pace, CancellationToken cancellationToken)
    {
        var result = load.Run(pace, cancellationToken);
        var meanwhile = (await receiver.StatsAsync(cancellationToken)).Unique - Expected;
        findings.Check(name, result);
        Expected += result.Accepted * endpoints;
        var stats = await receiver.UntilAsync(seen => seen.Unique >= Expected, cancellationToken);
        return stats.Unique >= Expected
            ? (result, meanwhile, stats.LastAt)
            : throw new BenchException(Invariant($"{name}: {Expected - stats.Unique} of {Expected} deliveries were not made"));
    }
}
