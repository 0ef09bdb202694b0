using System.Diagnostics;
using System.Runtime.InteropServices;
using HdrHistogram;

namespace Bench.Serve;

/// <summary>The latencies of stamped events from the moment at which they should have been sent; of a batch its first.</summary>
internal sealed class LatencyTally
{
    private const int LongestMicroseconds = 60_000_000;

    private readonly List<int> _microseconds = [];

    public void Note(ReadOnlySpan<byte> body, long now)
    {
        if (SentStamp.TryRead(body, out var sentAt))
        {
            _microseconds.Add((int)Math.Clamp(Stopwatch.GetElapsedTime(sentAt, now).TotalMicroseconds, 0, LongestMicroseconds));
        }
    }

    /// <summary>Writes what was noted to a file and begins anew.</summary>
    public void Save(string path)
    {
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_microseconds)));
        _microseconds.Clear();
    }

    /// <summary>The latencies of a file that <see cref="Save"/> wrote.</summary>
    public static LongHistogram Load(string path)
    {
        var histogram = new LongHistogram(LongestMicroseconds, 3);
        foreach (var microseconds in MemoryMarshal.Cast<byte, int>(File.ReadAllBytes(path)))
        {
            histogram.RecordValue(microseconds);
        }

        return histogram;
    }
}
