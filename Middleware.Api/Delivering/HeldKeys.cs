namespace Middleware.Delivering;

/// <summary>
/// The keys of a lane that wait for a failed delivery, as far as they fit. While some are missing each key may be one, and the store is asked. Not for
/// several threads.
/// </summary>
/// <param name="most">The most keys that are held.</param>
internal sealed class HeldKeys(int most = HeldKeys.Most)
{
    /// <summary>The most keys of a lane: some 2 MiB.</summary>
    public const int Most = 65_536;

    private readonly HashSet<long> _keys = [];
    private bool _isComplete = true;
    private bool _isShort;
    private int _removed;

    /// <summary>False only for a key that waits for nothing.</summary>
    public bool MayHold(long key) => !_isComplete || _keys.Contains(key);

    public void Add(long key)
    {
        if (_keys.Count < most)
        {
            _keys.Add(key);
        }
        else if (!_keys.Contains(key))
        {
            (_isComplete, _isShort) = (false, true);
        }
    }

    public void Remove(long key)
    {
        _keys.Remove(key);
        _removed++;
    }

    /// <summary>Begins a read of all keys when some are missing and so many have gone that all may fit. Those that are added meanwhile are kept.</summary>
    public bool TryBeginLoad()
    {
        if (_isComplete || _removed < most / 4)
        {
            return false;
        }

        (_isShort, _removed) = (false, 0);
        _keys.Clear();
        return true;
    }

    /// <summary>Takes in the keys that were read. One that has gone meanwhile costs a question to the store.</summary>
    public void EndLoad(HeldKeysPage read)
    {
        foreach (var key in read.Keys)
        {
            Add(key);
        }

        _isComplete = read.IsAll && !_isShort;
    }
}

/// <summary>Keys that wait for a failed delivery; <paramref name="IsAll"/> when there are no others.</summary>
internal readonly record struct HeldKeysPage(IReadOnlyList<long> Keys, bool IsAll);
