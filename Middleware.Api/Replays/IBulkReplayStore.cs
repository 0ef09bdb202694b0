using Middleware.Events;

namespace Middleware.Replays;

/// <summary>Keeps bulk replays and their progress. Every member may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IBulkReplayStore
{
    /// <summary>Counts an order's deliveries to endpoints that can be reached, by a walk that ends after 100,000 rows.</summary>
    ReplayCount Count(ReplayOrder order, Func<EndpointId, bool> isReachable);

    /// <summary>The first ids of an order, at most <paramref name="most"/>, whose events were never kept here or are purged.</summary>
    IReadOnlyList<string> UnknownOf(ReplayOrder order, int most);

    /// <summary>Keeps a replay of the rows now; null when <paramref name="mostRunning"/> run already.</summary>
    Task<BulkReplay?> AddAsync(ReplayOrder order, ReplayCount total, int mostRunning, Actor by);

    /// <summary>Null for an id that is not known.</summary>
    BulkReplay? Find(string id);

    /// <summary>Replays before a number, the newest first; bulk erasures when <paramref name="erases"/>.</summary>
    IReadOnlyList<BulkReplay> Read(long before, int limit, bool erases = false);

    /// <summary>Those that run, the oldest first.</summary>
    IReadOnlyList<BulkReplay> ReadRunning();

    /// <summary>
    /// Looks at the next rows of a replay and makes matches pending, or erases them, at most <paramref name="limit"/>. One transaction has them and
    /// the progress: after any crash each row is queued once. Returns the number of queued deliveries, or of erased events.
    /// </summary>
    Task<int> QueueNextAsync(BulkReplay replay, int limit, Func<EndpointId, bool> isReachable);

    /// <summary>Ends a replay whose deliveries have all ended. An ended replay stays as it is; null for an id that is not known.</summary>
    Task<BulkReplay?> CompleteAsync(string id);

    /// <summary>
    /// Cancels a running replay. When this completes nothing more of it is queued, and queued deliveries are taken back, but for those under way. An
    /// ended replay stays as it is; null for an id that is not known.
    /// </summary>
    Task<BulkReplay?> CancelAsync(string id, Actor by);
}
