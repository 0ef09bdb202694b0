using System.Collections.Concurrent;
using System.Collections.Immutable;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>
/// The endpoints there are, and which of them an event is for. A change acts at once, on whoever asks next, and costs the same however many
/// there are: the array of all is made anew only when an event asks for it.
/// </summary>
internal sealed class EndpointRegistry
{
    private readonly Lock _change = new();
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<EndpointId, WebhookEndpoint> _byId = [];

    // In the order in which they came.
    private readonly OrderedDictionary<EndpointId, WebhookEndpoint> _inOrder = [];
    private int _filters;
    private volatile EndpointSet? _now;

    public EndpointRegistry(BuiltInEndpoint builtIn)
    {
        if (builtIn.Endpoint is { } endpoint)
        {
            Set(endpoint);
        }
    }

    /// <summary>Told of an endpoint that is new or changed, before an event is decided by it. One at a time.</summary>
    public event Action<WebhookEndpoint>? Changing;

    /// <summary>Told of an endpoint for which no event is decided any more. One at a time.</summary>
    public event Action<EndpointId>? Removed;

    public ImmutableArray<WebhookEndpoint> All => Now.All;

    /// <summary>The endpoints that route events from now on.</summary>
    public EndpointSet Now => _now ?? Take();

    /// <summary>The number of endpoints.</summary>
    public int Count => _byId.Count;

    /// <summary>The endpoint as it is now; null when it is gone.</summary>
    public WebhookEndpoint? Find(EndpointId id) => _byId.GetValueOrDefault(id);

    /// <summary>Adds an endpoint, or changes the one that has its id.</summary>
    public void Set(WebhookEndpoint endpoint)
    {
        lock (_change)
        {
            Changing?.Invoke(endpoint);
            lock (_gate)
            {
                _filters += Filters(endpoint) - (_byId.TryGetValue(endpoint.Id, out var known) ? Filters(known) : 0);
                _inOrder[endpoint.Id] = _byId[endpoint.Id] = endpoint;
                _now = null;
            }
        }
    }

    /// <summary>Takes an endpoint out; what waits for it is the caller's.</summary>
    public void Remove(EndpointId id)
    {
        lock (_change)
        {
            lock (_gate)
            {
                if (!_byId.TryRemove(id, out var known))
                {
                    return;
                }

                _filters -= Filters(known);
                _inOrder.Remove(id);
                _now = null;
            }

            Removed?.Invoke(id);
        }
    }

    private static int Filters(WebhookEndpoint endpoint) => endpoint.Filter.Equals(EndpointFilter.Everything) ? 0 : 1;

    private EndpointSet Take()
    {
        lock (_gate)
        {
            return _now ??= new EndpointSet([.. _inOrder.Values], _filters > 0);
        }
    }
}
