using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The keys of which a delivery is at hand, and the next deliveries of each behind it. Not for several threads.</summary>
internal sealed class KeysAtHand
{
    // Null for none: most keys have one delivery.
    private readonly Dictionary<long, Queue<Delivery>?> _behind = [];

    /// <summary>The number of deliveries behind those at hand.</summary>
    public int Behind { get; private set; }

    public bool Contains(long key) => _behind.ContainsKey(key);

    /// <summary>Takes a key; false when it is taken already.</summary>
    public bool TryTake(long key) => _behind.TryAdd(key, null);

    /// <summary>Puts a delivery behind the others of a key that is taken.</summary>
    public void PutBehind(long key, Delivery delivery)
    {
        (_behind[key] ??= new Queue<Delivery>()).Enqueue(delivery);
        Behind++;
    }

    /// <summary>Puts deliveries of a key that is taken in front of those that are behind.</summary>
    public void PutNext(long key, IReadOnlyList<Delivery> deliveries)
    {
        if (deliveries.Count > 0)
        {
            _behind[key] = new Queue<Delivery>([.. deliveries, .. _behind[key] ?? []]);
            Behind += deliveries.Count;
        }
    }

    /// <summary>The next delivery of a key, which is at hand now; null when there is none and the key is free.</summary>
    public Delivery? Next(long key)
    {
        if (_behind.GetValueOrDefault(key) is { } behind && behind.TryDequeue(out var next))
        {
            Behind--;
            return next;
        }

        _behind.Remove(key);
        return null;
    }

    /// <summary>All deliveries behind the one of a key that ended, in their order: they are at hand now. The key is free when there are none.</summary>
    public IReadOnlyCollection<Delivery> NextAll(long key)
    {
        if (_behind.GetValueOrDefault(key) is { Count: > 0 } behind)
        {
            Behind -= behind.Count;
            _behind[key] = null;
            return behind;
        }

        _behind.Remove(key);
        return [];
    }

    /// <summary>Puts others in the places of deliveries that are behind.</summary>
    public void Replace(Func<Delivery, Delivery> by)
    {
        foreach (var (key, behind) in _behind.Where(static of => of.Value is { Count: > 0 }).ToList())
        {
            _behind[key] = new Queue<Delivery>(behind!.Select(by));
        }
    }
}
