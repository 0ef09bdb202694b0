namespace Middleware.Delivering;

/// <summary>
/// The bytes that the windows of all lanes may hold together. Each has a small share for itself, so that lanes whose receivers hang starve no other;
/// the rest goes to the first that asks. A window that holds nothing may always take one delivery.
/// </summary>
internal sealed class LaneBudget
{
    /// <summary>The bytes from which windows take no more than their shares.</summary>
    public const long MostBytes = 64 << 20;

    private long _held;
    private int _lanes;

    /// <summary>The bytes that are held or being read.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>The bytes that any window may take.</summary>
    public long Free => MostBytes - Held;

    /// <summary>The bytes that a window may hold whatever the others do. A lane seldom uses more than two of its windows.</summary>
    public long Share => MostBytes / 4 / Math.Max(1, Volatile.Read(ref _lanes));

    public void AddLanes(int count) => Interlocked.Add(ref _lanes, count);

    public void Add(long bytes) => Interlocked.Add(ref _held, bytes);
}

/// <summary>The bytes of the budget that one window holds, at most <paramref name="most"/>.</summary>
internal sealed class HeldBytes(LaneBudget budget, long most)
{
    private long _held;
    private long _reserved;

    /// <summary>The bytes that it may still take.</summary>
    public long Room
    {
        get
        {
            var held = Interlocked.Read(ref _held);
            return Math.Min(most - held, Math.Max(budget.Share - held, budget.Free));
        }
    }

    /// <summary>True when at least half of its limit is free: then a page is worth a read.</summary>
    public bool IsHalfFree => Room is var room && room > 0 && room >= Interlocked.Read(ref _held);

    public void Add(long bytes)
    {
        Interlocked.Add(ref _held, bytes);
        budget.Add(bytes);
    }

    /// <summary>Gives bytes back. Does nothing after the close, which gave up all room.</summary>
    public void Remove(long bytes)
    {
        var held = Interlocked.Read(ref _held);
        while (held >= bytes)
        {
            var before = Interlocked.CompareExchange(ref _held, held - bytes, held);
            if (before == held)
            {
                budget.Add(-bytes);
                return;
            }

            held = before;
        }
    }

    /// <summary>Sets room aside for a page before it is read, because others read too, and returns its size.</summary>
    public long Reserve(long page)
    {
        _reserved = Math.Clamp(Room, 1, page);
        budget.Add(_reserved);
        return _reserved;
    }

    public void GiveUpReserve()
    {
        budget.Add(-_reserved);
        _reserved = 0;
    }

    public void Close()
    {
        GiveUpReserve();
        budget.Add(-Interlocked.Exchange(ref _held, 0));
    }
}

/// <summary>The limit of workers over all lanes: each may hold a connection and the body of an event.</summary>
internal sealed class WorkerLimit(int most)
{
    private int _running;

    public int Running => Volatile.Read(ref _running);

    /// <summary>Adds a worker. False at the limit; the first of a lane always runs.</summary>
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
