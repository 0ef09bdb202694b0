namespace Middleware.Domain;

/// <summary>The fast tier of an endpoint: tries of at most <paramref name="Timeout"/>, and as many more with pauses that double.</summary>
internal sealed record RetryPlan(TimeSpan Timeout, int MaxRetries, TimeSpan BaseDelay);
