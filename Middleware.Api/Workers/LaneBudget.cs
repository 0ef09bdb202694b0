namespace Middleware.Workers;

/// <summary>
/// What the windows of all lanes may hold together. Each has a small share for itself, so that lanes whose receivers hang starve no other; the
/// rest goes to whoever comes first. A window that holds nothing may always take one delivery.
/// </summary>
internal sealed class LaneBudget
{
    /// <summary>Past so many bytes windows take no more than their shares.</summary>
    public const long MostBytes = 64 << 20;

    private long _held;
    private int _lanes;

    /// <summary>How many bytes are held, those included that are being read.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>How many bytes anyone may take.</summary>
    public long Free => MostBytes - Held;

    /// <summary>How many bytes a window may hold whatever the others do. A lane seldom uses more than two of its windows.</summary>
    public long Share => MostBytes / 4 / Math.Max(1, Volatile.Read(ref _lanes));

    public void AddLanes(int count) => Interlocked.Add(ref _lanes, count);

    public void Add(long bytes) => Interlocked.Add(ref _held, bytes);
}

/// <summary>How many workers run over all lanes: each may hold a connection and the body of an event.</summary>
internal sealed class WorkerLimit(int most)
{
    private int _running;

    public int Running => Volatile.Read(ref _running);

    /// <summary>False when there are as many as may be; the first of a lane always runs.</summary>
    public bool TryAdd(bool isFirst)
    {
        if (Interlocked.Increment(ref _running) <= most || isFirst)
        {
            return true;
        }

        Remove();
        return false;
    }

    public void Remove() => Interlocked.Decrement(ref _running);
}
