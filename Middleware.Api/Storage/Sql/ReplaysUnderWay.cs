using System.Collections.Concurrent;
using Middleware.Replays;

namespace Middleware.Storage.Sql;

/// <summary>
/// The deliveries of replays that are under way, which a cancellation leaves alone. A lane may hold a delivery that is owed no more, so each asks
/// here before it is sent. While a replay is being cancelled, it waits for that.
/// </summary>
internal sealed class ReplaysUnderWay : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<(long Endpoint, long Sequence), bool> _sequences = [];

    public bool Contains(long endpoint, long sequence) => _sequences.ContainsKey((endpoint, sequence));

    /// <summary>Begins a delivery unless <paramref name="isOwed"/> is false for it.</summary>
    public async ValueTask<bool> TryBeginAsync(long endpoint, long sequence, Func<bool> isOwed, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return isOwed() && (_sequences[(endpoint, sequence)] = true);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Notes that the end of a delivery is written, or that it waits again.</summary>
    public void End(long endpoint, long sequence) => _sequences.TryRemove((endpoint, sequence), out _);

    /// <summary>Cancels a replay by a change in the store, while no delivery begins.</summary>
    public async Task<BulkReplay?> CancelAsync(Func<Task<BulkReplay?>> change)
    {
        await _gate.WaitAsync();
        try
        {
            return await change();
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
