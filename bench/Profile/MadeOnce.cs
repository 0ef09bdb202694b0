namespace Bench.Profile;

/// <summary>Dictionaries whose values are made when they are first asked for.</summary>
internal static class MadeOnce
{
    public static TValue Once<TKey, TValue>(this IDictionary<TKey, TValue> known, TKey key, Func<TValue> make)
    {
        if (!known.TryGetValue(key, out var value))
        {
            known.Add(key, value = make());
        }

        return value;
    }
}
