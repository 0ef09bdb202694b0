using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The deliveries whose keys may wait, for which the store is asked: all at once, one question at a time. Not for several threads.</summary>
internal sealed class KeyQuestions
{
    private List<Delivery> _next = [];
    private List<Delivery>? _asked;

    public int Count => _next.Count + (_asked?.Count ?? 0);

    public void Add(Delivery delivery) => _next.Add(delivery);

    /// <summary>The deliveries to ask for, in their order; null for none, or while others are asked for.</summary>
    public IReadOnlyList<Delivery>? TryAsk()
    {
        if (_asked is not null || _next.Count == 0)
        {
            return null;
        }

        (_asked, _next) = (_next, []);
        return _asked;
    }

    /// <summary>Ends the question, and returns its deliveries by their keys, in their order.</summary>
    public IEnumerable<IGrouping<long, Delivery>> Answer()
    {
        var asked = _asked ?? [];
        _asked = null;
        return asked.GroupBy(static delivery => delivery.Key.GetValueOrDefault());
    }

    /// <summary>Puts others in the places of deliveries.</summary>
    public void Replace(Converter<Delivery, Delivery> by)
    {
        _next = _next.ConvertAll(by);
        _asked = _asked?.ConvertAll(by);
    }
}
