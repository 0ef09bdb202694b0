using Microsoft.Extensions.Time.Testing;

namespace Tests;

/// <summary>A clock that stands still until told, and knows which waits were begun on it.</summary>
internal sealed class TestClock(DateTimeOffset? start = null) : FakeTimeProvider(start ?? Noon)
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _waits = [];
    private readonly List<(TimeSpan Length, int Count, TaskCompletionSource Begun)> _watchers = [];

    /// <summary>Waits as long as this or shorter end at once, without the time going on.</summary>
    public TimeSpan Hurried { get; init; } = TimeSpan.MinValue;

    /// <summary>The lengths of all waits in the order they were begun.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_gate)
            {
                return [.. _waits];
            }
        }
    }

    /// <summary>Done when so many waits of this length have begun.</summary>
    public Task WaitBegun(TimeSpan length, int count = 1)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _watchers.Add((length, count, begun));
            TellWatchers();
        }

        return begun.Task.InTime();
    }

    /// <summary>Lets the time go on by this length as soon as the wait for it has begun.</summary>
    public async Task Pass(TimeSpan length, int count = 1)
    {
        await WaitBegun(length, count);
        Advance(length);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WatchedTimer(this, callback, state, base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        timer.Change(dueTime, period);
        return timer;
    }

    private void Note(TimeSpan wait)
    {
        lock (_gate)
        {
            _waits.Add(wait);
            TellWatchers();
        }
    }

    private void TellWatchers()
    {
        foreach (var (length, count, begun) in _watchers)
        {
            if (_waits.Count(wait => wait == length) >= count)
            {
                begun.TrySetResult();
            }
        }
    }

    private sealed class WatchedTimer(TestClock clock, TimerCallback callback, object? state, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return timer.Change(dueTime, period);
            }

            var isHurried = dueTime <= clock.Hurried;
            var changed = timer.Change(isHurried ? Timeout.InfiniteTimeSpan : dueTime, period);
            if (isHurried)
            {
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }

            clock.Note(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
