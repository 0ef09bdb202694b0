namespace ServiceDefaults.Bodies;

/// <summary>
/// Cancels the reading of a large body that holds room of the <see cref="BodyBudget"/> and does not go on coming. Kestrel's own bound is an average:
/// a sender of 8 MiB at once may keep the last byte back for minutes.
/// </summary>
internal sealed class BodyPace : IDisposable
{
    /// <summary>The least that must come in an interval. A body that is not larger cannot outlast one by Kestrel's bound.</summary>
    public const int LeastBytes = 160 << 10;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _aborted;
    private long _due;

    /// <param name="clock">Measures the interval, which begins now.</param>
    /// <param name="length">The bytes that have come, which the interval begins with.</param>
    /// <param name="aborted">Cancels the reading too.</param>
    public BodyPace(TimeProvider clock, long length, CancellationToken aborted)
    {
        _source = new CancellationTokenSource(Interval, clock);
        _aborted = aborted.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        _due = length + LeastBytes;
        Token = _source.Token;
    }

    /// <summary>Cancelled when fewer than 160 KiB came in 10 s.</summary>
    public CancellationToken Token { get; }

    /// <summary>Begins a new interval when enough has come in this one.</summary>
    public void Note(long length)
    {
        if (length >= _due)
        {
            _due = length + LeastBytes;
            _source.CancelAfter(Interval);
        }
    }

    public void Dispose()
    {
        _aborted.Dispose();
        _source.Dispose();
    }
}
