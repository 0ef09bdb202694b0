using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Timeout;

namespace ServiceDefaults;

/// <summary>
/// The rules of the fast tier: the failures that are retried, and the number and times of the attempts. Every HttpClient and every delivery follows
/// them.
/// </summary>
public static class StandardResilience
{
    /// <summary>The longest pause between two attempts, however many there are.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan ShortestSampling = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Sets attempts of at most <paramref name="timeout"/> and <paramref name="maxRetries"/> more of them. The pauses of <paramref name="baseDelay"/>
    /// double and carry no jitter. The total time-out lets all of them run.
    /// </summary>
    public static void Configure(HttpStandardResilienceOptions options, TimeSpan timeout, int maxRetries, TimeSpan baseDelay)
    {
        options.AttemptTimeout.Timeout = timeout;
        options.TotalRequestTimeout.Timeout = TotalTimeout(timeout, maxRetries, baseDelay);

        // The handler's own validation asks for a window of at least two time-outs.
        options.CircuitBreaker.SamplingDuration = timeout * 2 > ShortestSampling ? timeout * 2 : ShortestSampling;

        // The options refuse 0: then it is the predicate that never retries.
        options.Retry.MaxRetryAttempts = Math.Max(1, maxRetries);
        options.Retry.ShouldHandle = maxRetries == 0
            ? static _ => PredicateResult.False()
            : static arguments => ValueTask.FromResult(IsTransient(arguments.Outcome));
        options.Retry.Delay = baseDelay;
        options.Retry.MaxDelay = MaxDelay;
        options.Retry.BackoffType = DelayBackoffType.Exponential;
        options.Retry.UseJitter = false;

        // A receiver that asks for an hour would hold a worker for an hour.
        options.Retry.ShouldRetryAfterHeader = false;
    }

    /// <summary>(retries + 1) x time-out + all pauses + 1 s.</summary>
    public static TimeSpan TotalTimeout(TimeSpan timeout, int maxRetries, TimeSpan baseDelay)
    {
        var total = (maxRetries + 1) * timeout + TimeSpan.FromSeconds(1);
        for (var retry = 0; retry < maxRetries; retry++)
        {
            total += TimeSpan.FromTicks((long)Math.Min(baseDelay.Ticks * Math.Pow(2, retry), MaxDelay.Ticks));
        }

        return total;
    }

    /// <summary>True for network errors, time-outs and 5xx. Nothing else is retried, 408 and 429 included.</summary>
    public static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
    {
        { Exception: HttpRequestException or IOException or TimeoutRejectedException } => true,
        { Result: { } response } => (int)response.StatusCode >= 500,
        _ => false,
    };
}
