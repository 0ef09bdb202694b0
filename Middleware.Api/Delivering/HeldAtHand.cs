namespace Middleware.Delivering;

/// <summary>
/// The number of held deliveries that a lane has at hand, and those that were due and had no place. Their keys were taken: the last attempt may not
/// have left its worker yet, or the store is asked for the key. Or there were enough. They are read again then. Not for several threads.
/// </summary>
internal sealed class HeldAtHand
{
    /// <summary>The most that are at hand.</summary>
    public const int Most = 256;

    private readonly HashSet<long> _missed = [];

    // Those whose outcomes the store has in hand, by key; true for one that has left its worker.
    private readonly Dictionary<long, bool> _recording = [];
    private int _count;
    private bool _hadNoRoom;
    private bool _isWorthARead;

    /// <summary>Adds one of a key, unless it has no place.</summary>
    public bool TryAdd(long key, bool isFree)
    {
        if (!HasPlaceFor(key, isFree))
        {
            return false;
        }

        _count++;
        return true;
    }

    /// <summary>False for one of a key that is not free, or one too many: then a read is worth it later.</summary>
    public bool HasPlaceFor(long key, bool isFree)
    {
        if (_count >= Most)
        {
            _hadNoRoom = true;
            return false;
        }

        if (!isFree)
        {
            _missed.Add(key);
        }

        return isFree;
    }

    /// <summary>Notes that the outcome of one is about to be written.</summary>
    public void Recording(long key) => _recording[key] = false;

    /// <summary>Notes that it is committed; true when the delivery has left its worker.</summary>
    public bool Recorded(long key) => _recording.Remove(key, out var hasLeft) && hasLeft;

    /// <summary>Notes that one has left its worker; false while its outcome is being written.</summary>
    public bool TryLeave(long key)
    {
        if (!_recording.ContainsKey(key))
        {
            return true;
        }

        _recording[key] = true;
        return false;
    }

    /// <summary>Removes one.</summary>
    public void Remove()
    {
        _count--;
        if (_hadNoRoom && _count <= Most / 2)
        {
            (_hadNoRoom, _isWorthARead) = (false, true);
        }
    }

    /// <summary>Notes that a key is free, or its next delivery is at hand.</summary>
    public void Free(long key) => _isWorthARead |= _missed.Remove(key);

    /// <summary>True once when one that was missed may have a place now.</summary>
    public bool TakeIsWorthARead()
    {
        var isWorthARead = _isWorthARead;
        _isWorthARead = false;
        return isWorthARead;
    }
}
