namespace Middleware.Storage.Postgres;

/// <summary>The times of the server's answers to a replica's session. Written by the writer's thread, read by any.</summary>
internal sealed class SessionAnswers(TimeProvider clock)
{
    private const long None = long.MinValue;

    private long _proof = clock.GetTimestamp();
    private long _askedAt = None;

    /// <summary>The time since the beginning of the last request that the session answered; without end once it has ended.</summary>
    public TimeSpan SinceProof => Interlocked.Read(ref _proof) is var proof && proof == None ? TimeSpan.MaxValue : clock.GetElapsedTime(proof);

    /// <summary>The time for which the writer has waited for the server now.</summary>
    public TimeSpan Waits => Interlocked.Read(ref _askedAt) is var asked && asked == None ? TimeSpan.Zero : clock.GetElapsedTime(asked);

    /// <summary>Notes that the writer begins to wait.</summary>
    public void Ask() => Interlocked.Exchange(ref _askedAt, clock.GetTimestamp());

    /// <summary>Notes that it does not wait any more, whatever came.</summary>
    public void EndWait() => Interlocked.Exchange(ref _askedAt, None);

    /// <summary>Notes an answer to a request that began at a time of the clock.</summary>
    public void Prove(long began) => Interlocked.Exchange(ref _proof, began);

    /// <summary>Notes that the session has ended; true for the first time.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _proof, None) != None;
}
