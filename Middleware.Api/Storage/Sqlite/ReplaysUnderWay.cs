using System.Collections.Concurrent;
using Middleware.Domain;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// Which deliveries of replays are under way, so that a replay can be cancelled but for these. A lane may hold a delivery that is owed no
/// more, so each asks here before it is sent; while a replay is being cancelled, it waits for what comes of that.
/// </summary>
internal sealed class ReplaysUnderWay : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HashSet<string> _cancelled = [];
    private readonly ConcurrentDictionary<long, string> _sequences = [];

    public bool Contains(long sequence) => _sequences.ContainsKey(sequence);

    /// <summary>False when the replay was cancelled: then the delivery is not to be sent.</summary>
    public async ValueTask<bool> TryBeginAsync(string replay, long sequence, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_cancelled.Contains(replay))
            {
                return false;
            }

            _sequences[sequence] = replay;
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Notes that what came of a delivery is written.</summary>
    public void End(long sequence) => _sequences.TryRemove(sequence, out _);

    /// <summary>Cancels a replay by a change in the store.</summary>
    public async Task<Replay?> CancelAsync(string id, Func<Task<Replay?>> change)
    {
        await _gate.WaitAsync();
        try
        {
            var replay = await change();
            if (replay is { State: ReplayState.Cancelled })
            {
                _cancelled.Add(id);
            }

            return replay;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
