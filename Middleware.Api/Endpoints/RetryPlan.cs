namespace Middleware.Endpoints;

/// <summary>The fast tier of an endpoint: attempts of at most <paramref name="Timeout"/>, and as many more with pauses that double.</summary>
/// <param name="Timeout">The time limit of one attempt.</param>
/// <param name="MaxRetries">Attempts after the first, 0 to 10.</param>
/// <param name="BaseDelay">The pause before the second attempt.</param>
internal sealed record RetryPlan(TimeSpan Timeout, int MaxRetries, TimeSpan BaseDelay)
{
    /// <summary>The longest pause between two attempts, however many there are.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    /// <summary>The pause after so many attempts: the base delay, doubled with each after the first.</summary>
    public TimeSpan DelayAfter(int tries)
    {
        var delay = BaseDelay * Math.Pow(2, Math.Max(0, tries - 1));
        return delay < LongestDelay ? delay : LongestDelay;
    }
}

/// <summary>The slow tier: the times at which a dead letter is delivered again by itself, counted from its last failure.</summary>
internal sealed record RedeliverySchedule(IReadOnlyList<TimeSpan> Delays)
{
    /// <summary>The share by which a time is spread, so that deliveries that failed together are not repeated together.</summary>
    public const double Jitter = 0.2;

    /// <summary>
    /// The time of the next attempt after so many <paramref name="failures"/>, this one not counted; null when the schedule is spent. A later
    /// <paramref name="retryAfter"/> wins. <paramref name="random"/> is from 0 up to 1.
    /// </summary>
    public DateTimeOffset? Next(int failures, DateTimeOffset now, double random, DateTimeOffset? retryAfter)
    {
        if (IsSpentAfter(failures))
        {
            return null;
        }

        var next = now + (Delays[failures] * (1 + (Jitter * ((2 * random) - 1))));
        return retryAfter > next ? retryAfter : next;
    }

    public bool IsSpentAfter(int failures) => failures >= Delays.Count;

    public bool Equals(RedeliverySchedule? other) => other is not null && Delays.SequenceEqual(other.Delays);

    public override int GetHashCode() => Delays.Count;
}
