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

    /// <summary>
    /// The endpoints that must hear of an event; empty when none matches. Runs on the threads that wait for sockets and never blocks; where
    /// no endpoint has a filter it costs nothing.
    /// </summary>
    public ImmutableArray<WebhookEndpoint> Matching(IntegrationEvent accepted)
    {
        var now = _now;
        return now.HasFilters ? Matching(now.All, new FilteredEvent(accepted)) : now.All;
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

    private static ImmutableArray<WebhookEndpoint> Matching(ImmutableArray<WebhookEndpoint> all, FilteredEvent accepted)
    {
        // Made at the first endpoint that does not match: when all do, theirs is the array.
        ImmutableArray<WebhookEndpoint>.Builder? matching = null;
        for (var index = 0; index < all.Length; index++)
        {
            if (all[index].Filter.Matches(accepted))
            {
                matching?.Add(all[index]);
            }
            else if (matching is null)
            {
                matching = ImmutableArray.CreateBuilder<WebhookEndpoint>();
                matching.AddRange(all, index);
            }
        }

        return matching?.DrainToImmutable() ?? all;
    }

    private sealed record Snapshot(ImmutableArray<WebhookEndpoint> All, FrozenDictionary<EndpointId, WebhookEndpoint> ById)
    {
        public bool HasFilters { get; } = All.Any(static endpoint => !endpoint.Filter.Equals(EndpointFilter.Everything));

        public static Snapshot Of(ImmutableArray<WebhookEndpoint> all) => new(all, all.ToFrozenDictionary(static endpoint => endpoint.Id));
    }
}
