namespace Middleware.Delivering;

/// <summary>Counts the attempts of the last 30 s, second by second. Used by one thread at a time.</summary>
internal sealed class TryWindow(TimeProvider clock)
{
    private const int Seconds = 30;

    // Made for the first attempt: most of thousands of endpoints have had none.
    private Second[] _seconds = [];
    private readonly long _start = clock.GetTimestamp();
    private long _now;

    public int Tries { get; private set; }

    public int Failures { get; private set; }

    /// <summary>Counts an attempt; <paramref name="failure"/> is null for a success.</summary>
    public void Note(string? failure)
    {
        _seconds = _seconds is [] ? new Second[Seconds] : _seconds;
        MoveOn(Math.Max(_now, clock.GetElapsedTime(_start).Ticks / TimeSpan.TicksPerSecond));

        ref var second = ref _seconds[_now % Seconds];
        second.Tries++;
        Tries++;
        if (failure is not null)
        {
            second.Reasons ??= [];
            second.Reasons[failure] = second.Reasons.GetValueOrDefault(failure) + 1;
            second.Failures++;
            Failures++;
        }
    }

    public IReadOnlyDictionary<string, int> FailuresByReason() => _seconds
        .SelectMany(static second => second.Reasons ?? [])
        .GroupBy(static failures => failures.Key, static failures => failures.Value)
        .ToDictionary(static reason => reason.Key, static reason => reason.Sum());

    private void MoveOn(long now)
    {
        for (var second = Math.Max(_now + 1, now - Seconds + 1); second <= now; second++)
        {
            ref var gone = ref _seconds[second % Seconds];
            Tries -= gone.Tries;
            Failures -= gone.Failures;
            gone = default;
        }

        _now = now;
    }

    private struct Second
    {
        public int Tries;
        public int Failures;

        /// <summary>The failures by their reason; null without one.</summary>
        public Dictionary<string, int>? Reasons;
    }
}
