using Middleware.Endpoints;

namespace Middleware.Delivering;

/// <summary>
/// Limits the rate of passes: in no stretch of time more than its length allows, but for one burst. It starts with <paramref name="tokens"/>,
/// at most a burst. Used by one thread at a time.
/// </summary>
internal sealed class TokenBucket(RateLimit limit, int tokens, TimeProvider clock)
{
    // Whole numbers: a tick brings the rate's thousandths, a token costs a second's ticks of a thousand each. Nothing is rounded.
    private const long Cost = TimeSpan.TicksPerSecond * 1000;

    private readonly long _rate = (long)Math.Round(limit.PerSecond * 1000);
    private readonly long _full = limit.Burst * Cost;
    private long _credit = Math.Min(tokens, limit.Burst) * Cost;
    private long _last = clock.GetTimestamp();

    /// <summary>The number that may go through now.</summary>
    public int Available()
    {
        var now = clock.GetTimestamp();
        var elapsed = Math.Min(clock.GetElapsedTime(_last, now).Ticks, TicksFor(_full));
        _last = now;
        _credit = Math.Min(_credit + (elapsed * _rate), _full);
        return (int)(_credit / Cost);
    }

    /// <summary>Spends the tokens of so many passes.</summary>
    public void Spend(int count) => _credit -= count * Cost;

    /// <summary>The time until one more may go through; read when none is available.</summary>
    public TimeSpan UntilNext() => TimeSpan.FromTicks(TicksFor(Cost - _credit));

    private long TicksFor(long credit) => (credit + _rate - 1) / _rate;
}
