using ServiceDefaults.Logging;

namespace Tests.ServiceDefaults;

public class LogCapTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TestClock _clock = new();
    private readonly List<int> _leftOut = [];

    [Fact]
    public void A_hundred_lines_a_second_may_be_written()
    {
        using var cap = NewCap();

        Assert.Equal(100, Allowed(cap, 250));
        Assert.Empty(_leftOut);

        _clock.Advance(Second);
        Assert.Equal(100, Allowed(cap, 101));
        Assert.Equal([150], _leftOut);
    }

    [Fact]
    public void What_was_left_out_is_said_once_a_second()
    {
        using var cap = NewCap();

        Allowed(cap, 101);
        _clock.Advance(Second - TimeSpan.FromTicks(1));
        Assert.Empty(_leftOut);

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([1], _leftOut);

        Allowed(cap, 110);
        _clock.Advance(Second);
        Assert.Equal([1, 10], _leftOut);
    }

    [Fact]
    public void Nothing_is_said_when_nothing_was_left_out()
    {
        using (var cap = NewCap())
        {
            Allowed(cap, 100);
            _clock.Advance(10 * Second);
        }

        Assert.Empty(_leftOut);
    }

    [Fact]
    public void The_end_says_what_was_left_out_since_the_last_second()
    {
        using (var cap = NewCap())
        {
            Allowed(cap, 103);
        }

        Assert.Equal([3], _leftOut);
        _clock.Advance(10 * Second);
        Assert.Equal([3], _leftOut);
    }

    [Fact]
    public void Many_threads_get_a_hundred_lines_between_them()
    {
        using var cap = NewCap();
        var allowed = 0;

        Parallel.For(0, 8, _ => Interlocked.Add(ref allowed, Allowed(cap, 1_000)));

        Assert.Equal(100, allowed);
        _clock.Advance(Second);
        Assert.Equal([7_900], _leftOut);
    }

    [Fact]
    public void Its_lines_are_not_of_the_request_that_had_it_made()
    {
        var clock = new FlowWatchingClock();

        using var cap = new LogCap(clock, _leftOut.Add);

        Assert.True(clock.WasSuppressed);
        Assert.False(ExecutionContext.IsFlowSuppressed());
    }

    private LogCap NewCap() => new(_clock, _leftOut.Add);

    private static int Allowed(LogCap cap, int lines) => Enumerable.Range(0, lines).Count(_ => cap.Allows());

    /// <summary>Sees whether a timer takes the context of its maker with it.</summary>
    private sealed class FlowWatchingClock : TimeProvider
    {
        public bool WasSuppressed { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            WasSuppressed = ExecutionContext.IsFlowSuppressed();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
