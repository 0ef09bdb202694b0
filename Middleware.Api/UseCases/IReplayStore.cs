using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Keeps bulk replays and their progress. Every member may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IReplayStore
{
    /// <summary>Counts an order's deliveries to endpoints that can be reached, by a walk that ends after 100,000 rows.</summary>
    ReplayCount Count(ReplayOrder order, Func<EndpointId, bool> isReachable);

    /// <summary>Keeps a replay of what there is now; null when <paramref name="mostRunning"/> run already.</summary>
    Task<Replay?> AddAsync(ReplayOrder order, ReplayCount total, int mostRunning);

    /// <summary>Null for an id that is not known.</summary>
    Replay? Find(string id);

    /// <summary>Replays before a number, the newest first.</summary>
    IReadOnlyList<Replay> Read(long before, int limit);

    /// <summary>Those that run, the oldest first.</summary>
    IReadOnlyList<Replay> ReadRunning();

    /// <summary>
    /// Looks at the next rows a replay covers and makes pending what matches, at most <paramref name="limit"/>, in one transaction with its
    /// progress: whatever happens, each row is queued once. Says how many were queued.
    /// </summary>
    Task<int> QueueNextAsync(Replay replay, int limit, Func<EndpointId, bool> isReachable);

    /// <summary>Ends a replay of which everything was delivered. One that has ended stays as it is; null for an id that is not known.</summary>
    Task<Replay?> CompleteAsync(string id);

    /// <summary>
    /// Ends a replay that runs: when this completes nothing more of it is queued, and what was queued is taken back, but for what is under way.
    /// One that has ended stays as it is; null for an id that is not known.
    /// </summary>
    Task<Replay?> CancelAsync(string id);
}
