using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Stats;

/// <summary>Sums the counts of all replicas by minute and by endpoint, and reads what waits at the moment.</summary>
internal sealed class ReadStats(KeepStats keep, IStatsStore store, IDeliveryStore deliveries, EndpointRegistry endpoints, TimeProvider clock) : IDisposable
{
    /// <summary>The minutes up to which each endpoint is shown minute by minute.</summary>
    public const int MostOfEndpoints = 60;

    /// <summary>The time for which the age of the oldest event is not read again: it costs a look at each endpoint.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1);
    private DateTimeOffset? _oldest;
    private long? _readAt;

    public async Task<StatsItem> ExecuteAsync(int minutes, EndpointId? only, CancellationToken cancellationToken)
    {
        var last = KeepStats.MinuteOf(clock.GetUtcNow());
        var since = last.AddMinutes(1 - minutes);
        var rows = await keep.ReadAsync(since, cancellationToken);
        var all = new Counts[minutes];
        var byEndpoint = new Dictionary<EndpointId, Counts[]>();
        foreach (var row in rows)
        {
            // The clock of a replica may be ahead by a little, or was set back.
            var at = (int)Math.Clamp((row.Minute - since).TotalMinutes, 0, minutes - 1);
            all[at] += row.All;
            foreach (var (endpoint, counts) in row.Endpoints.Where(one => only is null || one.Endpoint == only))
            {
                if (!byEndpoint.TryGetValue(endpoint, out var of))
                {
                    byEndpoint[endpoint] = of = new Counts[minutes];
                }

                of[at] += counts;
            }
        }

        List<EndpointStatsItem> found =
        [
            .. byEndpoint.Select(of => new EndpointStatsItem(of.Key, of.Value.Aggregate((sum, next) => sum + next), only is not null || minutes <= MostOfEndpoints ? Shown(of.Value) : []))
                .OrderByDescending(static item => item.Busy).ThenBy(static item => item.EndpointId.Value, StringComparer.Ordinal),
        ];
        var waiting = endpoints.All.Sum(endpoint => (long)deliveries.Waiting(endpoint.Id));
        return new StatsItem
        {
            Since = since,
            Minutes = [.. all.Select((counts, index) => new MinuteItem(since.AddMinutes(index), counts))],
            Endpoints = [.. found.Take(KeepStats.MostEndpoints)],
            EndpointsAreAll = found.Count <= KeepStats.MostEndpoints && rows.All(static row => row.LeftOut == 0),
            Waiting = waiting,
            OldestWaitingS = waiting == 0 ? 0 : await AgeOfOldestAsync(cancellationToken),
        };

        IReadOnlyList<EndpointMinuteItem> Shown(Counts[] counts) =>
            [.. counts.Select((of, index) => new EndpointMinuteItem(since.AddMinutes(index), of)).Where(static item => !item.IsNone)];
    }

    public void Dispose() => _one.Dispose();

    private async Task<long> AgeOfOldestAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_readAt is not { } at || clock.GetElapsedTime(at) >= Fresh)
            {
                _oldest = await store.OldestWaitingAsync(cancellationToken);
                _readAt = clock.GetTimestamp();
            }

            return _oldest is { } oldest ? Math.Max(0, (long)(clock.GetUtcNow() - oldest).TotalSeconds) : 0;
        }
        finally
        {
            _one.Release();
        }
    }
}
