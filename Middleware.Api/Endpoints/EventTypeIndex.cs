using System.Collections.Immutable;

namespace Middleware.Endpoints;

/// <summary>The places of endpoints in their order, by the event types that their filters name. Of thousands, those alone are asked that may take an event.</summary>
internal sealed class EventTypeIndex
{
    private readonly Dictionary<string, List<int>> _named = [];
    private readonly List<int> _others = [];

    public EventTypeIndex(ImmutableArray<WebhookEndpoint> endpoints)
    {
        for (var place = 0; place < endpoints.Length; place++)
        {
            if (endpoints[place].Filter.EventTypes.Names is not { } names)
            {
                _others.Add(place);
                continue;
            }

            foreach (var name in names)
            {
                if (!_named.TryGetValue(name, out var places))
                {
                    _named[name] = places = [];
                }

                places.Add(place);
            }
        }
    }

    /// <summary>The endpoints that take any event type, or those of a pattern.</summary>
    public IReadOnlyList<int> Others => _others;

    /// <summary>The endpoints that take this event type by its name.</summary>
    public IReadOnlyList<int> Naming(string eventType) => _named.TryGetValue(eventType, out var places) ? places : [];
}
