using System.Diagnostics;
using HdrHistogram;

namespace Bench.Load;

/// <summary>The result of one phase of load. Latencies are in microseconds, from the intended moment of sending.</summary>
internal sealed class LoadResult(long start)
{
    private readonly SortedDictionary<int, long> _refused = [];

    /// <summary>The ids of the accepted events, where they are asked for.</summary>
    public HashSet<UInt128>? Ids { get; init; }

    public LongHistogram Latency { get; } = new(60_000_000L, 3);

    /// <summary>Monotonic ticks, comparable among the processes of one machine.</summary>
    public long Start { get; } = start;

    public long End { get; private set; }

    public long Accepted { get; private set; }

    public long Answered => Accepted + _refused.Values.Sum();

    public double PerSecond => Answered == 0 ? 0 : Answered / Stopwatch.GetElapsedTime(Start, End).TotalSeconds;

    /// <summary>Every status but 200, with how often it came.</summary>
    public IReadOnlyDictionary<int, long> Refused => _refused;

    public void Record(int status, long intended, long now)
    {
        if (status == 200)
        {
            Accepted++;
        }
        else
        {
            _refused[status] = _refused.GetValueOrDefault(status) + 1;
        }

        End = now;
        Latency.RecordValue(Math.Clamp((now - intended) * 1_000_000 / Stopwatch.Frequency, 0, 60_000_000));
    }
}
