using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Stats;

/// <summary>Keeps the counts of each minute for a day. Every member may throw <see cref="StoreUnavailableException"/>.</summary>
internal interface IStatsStore
{
    /// <summary>Adds what a replica counted in a minute. Rows of one minute are summed when they are read.</summary>
    Task AddAsync(MinuteCounts counted);

    /// <summary>The counts of minutes from a time on, each as a replica wrote it.</summary>
    Task<IReadOnlyList<MinuteCounts>> ReadAsync(DateTimeOffset from, CancellationToken cancellationToken);

    /// <summary>The time at which the oldest event was accepted that waits for any endpoint; null for none.</summary>
    Task<DateTimeOffset?> OldestWaitingAsync(CancellationToken cancellationToken);
}

/// <summary>The counts of a minute.</summary>
/// <param name="Minute">Its beginning.</param>
/// <param name="All">In all.</param>
/// <param name="Endpoints">By endpoint: the busiest.</param>
/// <param name="LeftOut">The number of endpoints that are not among them.</param>
internal sealed record MinuteCounts(DateTimeOffset Minute, Counts All, IReadOnlyList<(EndpointId Endpoint, Counts Counts)> Endpoints, int LeftOut);
