namespace Middleware.Storage.Postgres;

/// <summary>The slots of this replica: those whose lanes it serves, those that leave, and those whose locks its session holds. Used by any thread.</summary>
internal sealed class OwnedSlots
{
    private readonly Lock _gate = new();
    private readonly bool[] _owned = new bool[SlotPlan.Slots];
    private readonly HashSet<int> _leaving = [];

    // The owned ones, and those that leave and have attempts under way.
    private readonly HashSet<int> _locked = [];

    public int Count => _owned.Count(static owned => owned);

    /// <summary>The slots whose lanes are served.</summary>
    public List<int> All
    {
        get
        {
            lock (_gate)
            {
                return [.. Enumerable.Range(0, SlotPlan.Slots).Where(slot => _owned[slot])];
            }
        }
    }

    /// <summary>The slots that leave; a copy.</summary>
    public HashSet<int> Leaving
    {
        get
        {
            lock (_gate)
            {
                return [.. _leaving];
            }
        }
    }

    /// <summary>The slots whose failures may be recorded; a copy.</summary>
    public HashSet<int> Locked
    {
        get
        {
            lock (_gate)
            {
                return [.. _locked];
            }
        }
    }

    public bool Has(int slot) => Volatile.Read(ref _owned[slot]);

    /// <summary>Notes slots whose locks are held as owned, but for those that leave. Returns the new ones.</summary>
    public HashSet<int> Gain(IEnumerable<int> slots)
    {
        lock (_gate)
        {
            HashSet<int> gained = [.. slots.Where(slot => !_owned[slot] && !_leaving.Contains(slot))];
            foreach (var slot in gained)
            {
                _owned[slot] = true;
            }

            _locked.UnionWith(gained);
            return gained;
        }
    }

    /// <summary>Notes that the lanes of slots are served no more, and returns those that were. Those that leave keep their locks until they are freed.</summary>
    public HashSet<int> Drop(IEnumerable<int> slots, bool isLeaving)
    {
        lock (_gate)
        {
            HashSet<int> dropped = [.. slots.Where(slot => _owned[slot])];
            foreach (var slot in dropped)
            {
                _owned[slot] = false;
            }

            if (isLeaving)
            {
                _leaving.UnionWith(dropped);
            }

            return dropped;
        }
    }

    /// <summary>Notes that locks are freed, or all of them gone with their session.</summary>
    public void Unlock(IEnumerable<int> slots)
    {
        lock (_gate)
        {
            _locked.ExceptWith(slots);
        }
    }

    /// <summary>Notes that slots have left: they can be gained again.</summary>
    public void Left(IEnumerable<int> slots)
    {
        lock (_gate)
        {
            _leaving.ExceptWith(slots);
        }
    }
}
