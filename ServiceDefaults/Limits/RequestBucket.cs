namespace ServiceDefaults.Limits;

/// <summary>
/// A bucket of permits that fills by the time, as the one moment at which it is full (the generic cell rate algorithm). It needs no lock and no timer.
/// </summary>
internal sealed class RequestBucket(RequestRate rate, TimeProvider clock)
{
    private long _fullAt = clock.GetTimestamp();

    /// <summary>The rate of it, which may have changed for its client.</summary>
    public RequestRate Rate => rate;

    /// <summary>True for one that is as good as new.</summary>
    public bool IsFull => Volatile.Read(ref _fullAt) <= clock.GetTimestamp();

    /// <summary>The permits that are left.</summary>
    public int Left => (int)(((rate.Burst * Each) - Math.Max(0, Volatile.Read(ref _fullAt) - clock.GetTimestamp())) / Each);

    private long Each => Math.Max(1, clock.TimestampFrequency * rate.Seconds / rate.Permits);

    /// <summary>Takes permits. False when there are not as many, with the time until there are.</summary>
    public bool TryTake(int permits, out TimeSpan wait)
    {
        var each = Each;
        while (true)
        {
            var now = clock.GetTimestamp();
            var before = Volatile.Read(ref _fullAt);
            var after = Math.Max(before, now) + (permits * each);
            var excess = after - now - (rate.Burst * each);
            if (excess > 0)
            {
                wait = clock.GetElapsedTime(0, excess);
                return false;
            }

            if (Interlocked.CompareExchange(ref _fullAt, after, before) == before)
            {
                wait = TimeSpan.Zero;
                return true;
            }
        }
    }
}
