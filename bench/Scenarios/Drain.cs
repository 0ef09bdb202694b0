using System.Diagnostics;

namespace Bench.Scenarios;

/// <summary>A backlog that stands behind the receiver's closed gate, and is let through.</summary>
internal static class Drain
{
    /// <summary>Opens the gate for so many events once so many requests stand at it; the clock runs from then to the last event.</summary>
    public static async Task<Sample> MeasureAsync(
        string name, ServiceProcess process, ReceiverProcess receiver, int events, int requests, CancellationToken cancellationToken)
    {
        await receiver.UntilAsync(seen => seen.Held >= requests, cancellationToken);
        var before = process.CpuTime;
        var from = (await receiver.StatsAsync(cancellationToken)).Events;
        await receiver.OpenAsync(events, cancellationToken);
        var stats = await receiver.UntilAsync(seen => seen.Events >= from + events, cancellationToken);
        var used = process.CpuTime - before;
        return stats.Events >= from + events
            ? new Sample
            {
                PerSecond = events / Stopwatch.GetElapsedTime(stats.OpenedAt, stats.LastAt).TotalSeconds,
                CpuMicrosecondsPerEvent = used.TotalMicroseconds / events,
            }
            : throw new BenchException($"{name}: {from + events - stats.Events} of {events} events were not delivered");
    }

    /// <summary>Notes what was lost and what came twice, once all should have come.</summary>
    public static async Task CheckAsync(Findings findings, string name, ReceiverProcess receiver, long accepted, CancellationToken cancellationToken)
    {
        // What still stands at the gate now is one too many.
        await receiver.OpenAsync(accepted, cancellationToken);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, cancellationToken);
        findings.Check(name, accepted, await receiver.StatsAsync(cancellationToken));
    }
}
