using Middleware.Events;

namespace Middleware.Replays;

/// <summary>Keeps bulk replays and their progress. Every member may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IBulkReplayStore
{
    /// <summary>Counts an order's deliveries to endpoints that can be reached, by a walk that ends after 100,000 rows.</summary>
    ReplayCount Count(ReplayOrder order, Func<EndpointId, bool> isReachable);

    /// <summary>Keeps a replay of what there is now; null when <paramref name="mostRunning"/> run already.</summary>
    Task<BulkReplay?> AddAsync(ReplayOrder order, ReplayCount total, int mostRunning);

    /// <summary>Null for an id that is not known.</summary>
    BulkReplay? Find(string id);

    /// <summary>Replays before a number, the newest first.</summary>
    IReadOnlyList<BulkReplay> Read(long before, int limit);

    /// <summary>Those that run, the oldest first.</summary>
    IReadOnlyList<BulkReplay> ReadRunning();

    /// <summary>
    /// Looks at the next rows a replay covers and makes pending what matches, at most <paramref name="limit"/>, in one transaction with its
    /// progress: whatever happens, each row is queued once. Says how many were queued.
    /// </summary>
    Task<int> QueueNextAsync(BulkReplay replay, int limit, Func<EndpointId, bool> isReachable);

    /// <summary>Ends a replay of which everything was delivered. One that has ended stays as it is; null for an id that is not known.</summary>
    Task<BulkReplay?> CompleteAsync(string id);

    /// <summary>
    /// Ends a replay that runs: when this completes nothing more of it is queued, and what was queued is taken back, but for what is under way.
    /// One that has ended stays as it is; null for an id that is not known.
    /// </summary>
    Task<BulkReplay?> CancelAsync(string id);
}
