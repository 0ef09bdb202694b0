namespace Middleware.Domain;

/// <summary>The fast tier of an endpoint: tries of at most <paramref name="Timeout"/>, and as many more with pauses that double.</summary>
/// <param name="Timeout">Of one try.</param>
/// <param name="MaxRetries">Tries after the first, 0 to 10.</param>
/// <param name="BaseDelay">The pause before the second try.</param>
internal sealed record RetryPlan(TimeSpan Timeout, int MaxRetries, TimeSpan BaseDelay)
{
    /// <summary>The longest pause between two tries, however many there are.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    /// <summary>The pause after so many tries: the base delay, doubled with each after the first.</summary>
    public TimeSpan DelayAfter(int tries)
    {
        var delay = BaseDelay * Math.Pow(2, Math.Max(0, tries - 1));
        return delay < LongestDelay ? delay : LongestDelay;
    }
}
