using System.Collections.Concurrent;
using System.Collections.Immutable;
using Middleware.Events;
using Middleware.Filtering;

namespace Middleware.Endpoints;

/// <summary>
/// The endpoints, and those of them that may take an event. A change acts at once and costs the same however many there are. The array of all is made
/// anew only when an event asks for it.
/// </summary>
internal sealed class EndpointRegistry
{
    private readonly Lock _change = new();
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<EndpointId, RegisteredEndpoint> _byId = [];

    // In the order in which they came.
    private readonly OrderedDictionary<EndpointId, WebhookEndpoint> _inOrder = [];
    private int _filters;
    private volatile EndpointSet? _now;

    /// <summary>
    /// Raised for a change of one endpoint, one at a time. An added endpoint decides no event before this returns; a removed one decides none after
    /// it. Subscribers return at once and do not throw.
    /// </summary>
    public event Action<EndpointChanged>? Changed;

    public ImmutableArray<WebhookEndpoint> All => Now.All;

    /// <summary>The endpoints that route events from now on.</summary>
    public EndpointSet Now => _now ?? Take();

    public int Count => _byId.Count;

    /// <summary>The endpoint as it is now; null when it is gone.</summary>
    public WebhookEndpoint? Find(EndpointId id) => _byId.GetValueOrDefault(id)?.Endpoint;

    /// <summary>The endpoint with its version and times; null when it is gone.</summary>
    public RegisteredEndpoint? FindRegistered(EndpointId id) => _byId.GetValueOrDefault(id);

    /// <summary>
    /// All endpoints: the built-in one, those of the configuration by name, then the registered ones, oldest first. At most <paramref name="limit"/>
    /// of those that come after <paramref name="after"/>.
    /// </summary>
    public IReadOnlyList<RegisteredEndpoint> List(EndpointPlace? after = null, int limit = int.MaxValue) =>
    [
        .. _byId.Values
            .Where(known => after is not { } place || EndpointPlace.Of(known.Endpoint).CompareTo(place) > 0)
            .OrderBy(static known => EndpointPlace.Of(known.Endpoint))
            .Take(limit),
    ];

    /// <summary>Adds an endpoint, or changes the one that has its id.</summary>
    /// <param name="registered">The endpoint as it is from now on.</param>
    /// <param name="byAnother">True for a change that another replica made.</param>
    public void Set(RegisteredEndpoint registered, bool byAnother = false)
    {
        var endpoint = registered.Endpoint;
        lock (_change)
        {
            var before = Find(endpoint.Id);
            Changed?.Invoke(new EndpointChanged(before, endpoint, byAnother));
            lock (_gate)
            {
                _filters += Filters(endpoint) - (before is null ? 0 : Filters(before));
                _byId[endpoint.Id] = registered;
                _inOrder[endpoint.Id] = endpoint;
                _now = null;
            }
        }
    }

    /// <summary>Takes an endpoint out; its waiting deliveries are the caller's.</summary>
    public void Remove(EndpointId id)
    {
        lock (_change)
        {
            RegisteredEndpoint? known;
            lock (_gate)
            {
                if (!_byId.TryRemove(id, out known))
                {
                    return;
                }

                _filters -= Filters(known.Endpoint);
                _inOrder.Remove(id);
                _now = null;
            }

            Changed?.Invoke(new EndpointChanged(known.Endpoint, Now: null));
        }
    }

    private static int Filters(WebhookEndpoint endpoint) => endpoint.Filter.Equals(EventFilter.Everything) ? 0 : 1;

    private EndpointSet Take()
    {
        lock (_gate)
        {
            return _now ??= new EndpointSet([.. _inOrder.Values], _filters > 0);
        }
    }
}

/// <summary>A change of the registry.</summary>
/// <param name="Before">The endpoint as it was; null for a new one.</param>
/// <param name="Now">The endpoint as it is; null for one that is gone.</param>
/// <param name="IsByAnother">True for a change that another replica made, and gives notice of.</param>
internal readonly record struct EndpointChanged(WebhookEndpoint? Before, WebhookEndpoint? Now, bool IsByAnother = false)
{
    public EndpointId Id => (Now ?? Before)!.Id;
}

/// <summary>The place of an endpoint among all: by origin, then by id.</summary>
internal readonly record struct EndpointPlace(EndpointOrigin Origin, string Id) : IComparable<EndpointPlace>
{
    public static EndpointPlace Of(WebhookEndpoint endpoint) => new(endpoint.Origin, endpoint.Id.Value);

    public int CompareTo(EndpointPlace other) => Origin == other.Origin ? string.CompareOrdinal(Id, other.Id) : other.Origin.CompareTo(Origin);
}

/// <summary>All endpoints at one time, in their order; <paramref name="HasFilters"/> when any has a filter.</summary>
internal sealed record EndpointSet(ImmutableArray<WebhookEndpoint> All, bool HasFilters)
{
    /// <summary>The endpoints by the event types that they take. Made for the first event: thousands of endpoints are registered one after the other.</summary>
    public EventTypeIndex ByType => field ??= new EventTypeIndex(All);

    /// <summary>True when any endpoint wants its events in order by key.</summary>
    public bool HasOrdering { get; } = All.Any(static endpoint => endpoint.Ordering is not null);

    /// <summary>The endpoints whose keys are evaluated.</summary>
    public int EvaluatedKeys { get; } = All.Count(static endpoint => endpoint.Ordering is { IsEvaluated: true });
}
