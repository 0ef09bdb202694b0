namespace Middleware.Delivering;

/// <summary>Counts the attempts of the last 30 s, second by second. Used by one thread at a time.</summary>
internal sealed class TryWindow(TimeProvider clock)
{
    private const int Seconds = 30;

    private readonly Second[] _seconds = [.. Enumerable.Range(0, Seconds).Select(static _ => new Second())];
    private readonly long _start = clock.GetTimestamp();
    private long _now;

    public int Tries { get; private set; }

    public int Failures { get; private set; }

    /// <summary>Counts an attempt; <paramref name="failure"/> is null for a success.</summary>
    public void Note(string? failure)
    {
        MoveOn(Math.Max(_now, clock.GetElapsedTime(_start).Ticks / TimeSpan.TicksPerSecond));

        var second = _seconds[_now % Seconds];
        second.Tries++;
        Tries++;
        if (failure is not null)
        {
            second.Failures[failure] = second.Failures.GetValueOrDefault(failure) + 1;
            Failures++;
        }
    }

    public IReadOnlyDictionary<string, int> FailuresByReason() => _seconds
        .SelectMany(static second => second.Failures)
        .GroupBy(static failures => failures.Key, static failures => failures.Value)
        .ToDictionary(static reason => reason.Key, static reason => reason.Sum());

    private void MoveOn(long now)
    {
        for (var second = Math.Max(_now + 1, now - Seconds + 1); second <= now; second++)
        {
            var gone = _seconds[second % Seconds];
            Tries -= gone.Tries;
            Failures -= gone.Failures.Values.Sum();
            gone.Tries = 0;
            gone.Failures.Clear();
        }

        _now = now;
    }

    private sealed class Second
    {
        public int Tries { get; set; }

        public Dictionary<string, int> Failures { get; } = [];
    }
}
