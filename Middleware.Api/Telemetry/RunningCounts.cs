namespace Middleware.Telemetry;

/// <summary>Counts of what happened, in all or at an endpoint.</summary>
/// <param name="Accepted">Events accepted; counted in all alone.</param>
/// <param name="Delivered">Deliveries that ended well.</param>
/// <param name="FailedAttempts">Attempts without a 2xx answer.</param>
/// <param name="DeadLetters">Deliveries given up, for now or for good.</param>
/// <param name="Expired">Deliveries whose deadline came first.</param>
internal readonly record struct Counts(long Accepted, long Delivered, long FailedAttempts, long DeadLetters, long Expired)
{
    public bool IsNone => this == default;

    /// <summary>The ends of deliveries and attempts, which say how busy an endpoint is.</summary>
    public long Busy => Delivered + FailedAttempts + DeadLetters + Expired;

    public static Counts operator +(Counts one, Counts other) => new(
        one.Accepted + other.Accepted,
        one.Delivered + other.Delivered,
        one.FailedAttempts + other.FailedAttempts,
        one.DeadLetters + other.DeadLetters,
        one.Expired + other.Expired);
}

/// <summary>Counts since they were taken last. Any thread adds to them.</summary>
internal sealed class RunningCounts
{
    private long _accepted;
    private long _delivered;
    private long _failedAttempts;
    private long _deadLetters;
    private long _expired;

    public void Accepted() => Interlocked.Increment(ref _accepted);

    public void Delivered() => Interlocked.Increment(ref _delivered);

    public void Failed() => Interlocked.Increment(ref _failedAttempts);

    public void GivenUp(int deliveries) => Interlocked.Add(ref _deadLetters, deliveries);

    public void Expired() => Interlocked.Increment(ref _expired);

    public Counts Read() => new(
        Volatile.Read(ref _accepted), Volatile.Read(ref _delivered), Volatile.Read(ref _failedAttempts), Volatile.Read(ref _deadLetters), Volatile.Read(ref _expired));

    /// <summary>Reads them and begins anew: each is counted once.</summary>
    public Counts Take() => Read().IsNone ? default : new(
        Interlocked.Exchange(ref _accepted, 0),
        Interlocked.Exchange(ref _delivered, 0),
        Interlocked.Exchange(ref _failedAttempts, 0),
        Interlocked.Exchange(ref _deadLetters, 0),
        Interlocked.Exchange(ref _expired, 0));
}
