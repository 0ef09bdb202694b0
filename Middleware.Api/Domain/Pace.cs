namespace Middleware.Domain;

/// <summary>
/// Lets so many through in each second: a token bucket that begins empty and holds a second's worth, so that in no stretch of time more
/// go through than its length allows, but for one second's worth after a pause.
/// </summary>
internal sealed class Pace(int perSecond, TimeProvider clock)
{
    // Counted in ticks, of which each token costs a second's: nothing is rounded.
    private long _credit;
    private long _last = clock.GetTimestamp();

    /// <summary>How many may go through now.</summary>
    public int Available()
    {
        var now = clock.GetTimestamp();
        var elapsed = Math.Min(clock.GetElapsedTime(_last, now).Ticks, TimeSpan.TicksPerSecond);
        _last = now;
        _credit = Math.Min(_credit + (elapsed * perSecond), perSecond * TimeSpan.TicksPerSecond);
        return (int)(_credit / TimeSpan.TicksPerSecond);
    }

    /// <summary>Notes that so many went through.</summary>
    public void Spend(int count) => _credit -= count * TimeSpan.TicksPerSecond;
}
