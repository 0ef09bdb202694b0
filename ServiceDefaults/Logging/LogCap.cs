namespace ServiceDefaults.Logging;

/// <summary>
/// Lets the first 100 lines of one kind through in each second. Once a second it reports the number of lines left out: a log line an event would cost
/// more than the event.
/// </summary>
public sealed class LogCap : IDisposable
{
    private const int LinesPerSecond = 100;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Action<int> _leftOut;
    private readonly ITimer _timer;
    private int _asked;

    /// <summary><paramref name="leftOut"/> is called with the number of lines left out, at most once a second and never with 0.</summary>
    public LogCap(TimeProvider clock, Action<int> leftOut)
    {
        _leftOut = leftOut;

        // A request may make this, and its trace is not that of the lines.
        using var noFlow = ExecutionContext.SuppressFlow();
        _timer = clock.CreateTimer(static cap => ((LogCap)cap!).NextSecond(), this, Second, Second);
    }

    /// <summary>True when the line may be written; a false is counted as left out.</summary>
    public bool Allows()
    {
        // Past the cap a plain read would do, but the operator gets the count.
        return Interlocked.Increment(ref _asked) <= LinesPerSecond;
    }

    /// <summary>Stops counting and reports the lines left out since the last second.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        NextSecond();
    }

    private void NextSecond()
    {
        if (Interlocked.Exchange(ref _asked, 0) - LinesPerSecond is > 0 and var leftOut)
        {
            _leftOut(leftOut);
        }
    }
}
