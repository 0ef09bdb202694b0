namespace ExternalAlerts;

/// <summary>The memory of objects, in bytes; rather too high than too low.</summary>
internal static class Cost
{
    /// <summary>An object's header, the rounding of its size, and its place in a ring that has grown.</summary>
    private const int Overhead = 48;

    /// <summary>An object with this many bytes of fields or elements.</summary>
    public static int Of(int bytes) => Overhead + bytes;

    /// <summary>A text; nothing for none.</summary>
    public static int Of(string? text) => text is null ? 0 : Of(2 * text.Length);
}

/// <summary>Keeps the newest items, bounded in number and in weight (one item is kept whatever it weighs). Not thread-safe.</summary>
internal sealed class Ring<T>(int capacity, long maxWeight, Func<T, long> weigh)
{
    private readonly Queue<T> _items = new();
    private long _weight;

    public void Add(T item)
    {
        _items.Enqueue(item);
        _weight += weigh(item);
        while (_items.Count > capacity || (_weight > maxWeight && _items.Count > 1))
        {
            _weight -= weigh(_items.Dequeue());
        }
    }

    /// <summary>The newest <paramref name="limit"/> items, newest first.</summary>
    public T[] Newest(int limit)
    {
        T[] newest = [.. _items.Skip(_items.Count - limit)];
        Array.Reverse(newest);
        return newest;
    }

    public void Clear()
    {
        _items.Clear();
        _weight = 0;
    }
}
