using Microsoft.Extensions.Time.Testing;

namespace Tests.ExternalAlerts;

/// <summary>A clock that stands still until told, and tells when somebody waits for it.</summary>
internal sealed class WatchedClock() : FakeTimeProvider(Noon)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TaskCompletionSource<TimeSpan> _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when a wait of this length has begun.</summary>
    public TimeSpan Watched { get; set; } = Timeout.InfiniteTimeSpan;

    public Task WaitBegun => _waiting.Task.WaitAsync(TestContext.Current.CancellationToken);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime == Watched)
        {
            _waiting.TrySetResult(dueTime);
        }

        return timer;
    }
}
