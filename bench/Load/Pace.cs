using System.Diagnostics;

namespace Bench.Load;

/// <summary>When the next request is due: at once (closed loop), or at its own fixed moment whatever the server does (open loop).</summary>
internal sealed class Pace
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly double _interval;
    private readonly long _limit;
    private readonly long _deadline;

    private Pace(double perSecond, long limit, TimeSpan atMost)
    {
        _interval = perSecond > 0 ? Stopwatch.Frequency / perSecond : 0;
        _limit = limit;
        _deadline = _start + (long)(atMost.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>As fast as the answers come, for so long.</summary>
    public static Pace Saturate(TimeSpan duration) => new(0, long.MaxValue, duration);

    /// <summary>As fast as the answers come, until so many were sent.</summary>
    public static Pace Saturate(long count) => new(0, count, TimeSpan.FromMinutes(10));

    /// <summary>At a fixed rate. A server that cannot follow is given twice the time, then the rest is left unsent.</summary>
    public static Pace Fixed(double perSecond, TimeSpan duration) => new(perSecond, (long)(perSecond * duration.TotalSeconds), 2 * duration);

    public long Start => _start;

    public long Sent { get; private set; }

    public bool IsOver(long now) => Sent >= _limit || now >= _deadline;

    /// <summary>Takes the next request if it is due, with the moment at which it should have been sent.</summary>
    public bool TryNext(long now, out long intended)
    {
        intended = _interval > 0 ? NextAt : now;
        if (IsOver(now) || intended > now)
        {
            return false;
        }

        Sent++;
        return true;
    }

    /// <summary>Microseconds until the next request is due.</summary>
    public long Until(long now) => Math.Max(0, (NextAt - now) * 1_000_000 / Stopwatch.Frequency);

    private long NextAt => _start + (long)(Sent * _interval);
}
