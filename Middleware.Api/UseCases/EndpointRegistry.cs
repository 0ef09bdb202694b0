using System.Collections.Frozen;
using System.Collections.Immutable;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>The endpoints there are, and which of them an event is for. A change acts at once, on whoever asks next.</summary>
internal sealed class EndpointRegistry(BuiltInEndpoint builtIn)
{
    private readonly Lock _gate = new();
    private volatile Snapshot _now = Snapshot.Of(builtIn.Endpoint is { } endpoint ? [endpoint] : []);

    /// <summary>Told of an endpoint that is new or changed, before an event is decided by it. One at a time.</summary>
    public event Action<WebhookEndpoint>? Changing;

    /// <summary>Told of an endpoint for which no event is decided any more. One at a time.</summary>
    public event Action<EndpointId>? Removed;

    public ImmutableArray<WebhookEndpoint> All => _now.All;

    /// <summary>The same, and whether any of them has a filter.</summary>
    public (ImmutableArray<WebhookEndpoint> All, bool HasFilters) AllWithFilters
    {
        get
        {
            var now = _now;
            return (now.All, now.HasFilters);
        }
    }

    /// <summary>The endpoint as it is now; null when it is gone.</summary>
    public WebhookEndpoint? Find(EndpointId id) => _now.ById.GetValueOrDefault(id);

    /// <summary>The ids of all of them.</summary>
    public ImmutableArray<EndpointId> Ids() => _now.ById.Keys;

    /// <summary>Adds an endpoint, or changes the one that has its id.</summary>
    public void Set(WebhookEndpoint endpoint)
    {
        lock (_gate)
        {
            Changing?.Invoke(endpoint);
            _now = Snapshot.Of(_now.ById.ContainsKey(endpoint.Id)
                ? [.. _now.All.Select(known => known.Id == endpoint.Id ? endpoint : known)]
                : _now.All.Add(endpoint));
        }
    }

    /// <summary>Takes an endpoint out; what waits for it is the caller's.</summary>
    public void Remove(EndpointId id)
    {
        lock (_gate)
        {
            _now = Snapshot.Of(_now.All.RemoveAll(known => known.Id == id));
            Removed?.Invoke(id);
        }
    }

    private sealed record Snapshot(ImmutableArray<WebhookEndpoint> All, FrozenDictionary<EndpointId, WebhookEndpoint> ById)
    {
        public bool HasFilters { get; } = All.Any(static endpoint => !endpoint.Filter.Equals(EndpointFilter.Everything));

        public static Snapshot Of(ImmutableArray<WebhookEndpoint> all) => new(all, all.ToFrozenDictionary(static endpoint => endpoint.Id));
    }
}
