using System.Collections.Concurrent;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Sending;

/// <summary>
/// The ways to the endpoints: their connections, and what is done to a request before. A change of an endpoint's address or transport renews its own, which is released when
/// the endpoint is gone and its attempts have ended.
/// </summary>
internal sealed class EndpointTransports(
    IConfiguration configuration, DiscoveredHosts discovered, SharedConnections shared, EndpointRegistry endpoints, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<EndpointId, EndpointTransport> _all = [];

    /// <summary>The number of endpoints that have connections.</summary>
    public int Count => _all.Count;

    /// <summary>A lease of an endpoint's connections, to be disposed of when the attempt has ended.</summary>
    public EndpointTransport Of(WebhookEndpoint endpoint)
    {
        while (true)
        {
            var known = _all.GetValueOrDefault(endpoint.Id);
            if (known is not null && known.Suits(endpoint) && known.TryLease())
            {
                return known;
            }

            if (endpoints.Find(endpoint.Id) is null)
            {
                return Create(endpoint);
            }

            Replace(known, Over(shared.Of(endpoint), endpoint));
        }
    }

    /// <summary>Connections that end with their only lease.</summary>
    public EndpointTransport Create(WebhookEndpoint endpoint) => Over(shared.Create(endpoint), endpoint);

    /// <summary>Releases the connections of an endpoint that is gone.</summary>
    public void Follow(EndpointChanged change)
    {
        if (change.Now is null)
        {
            Forget(change.Id);
        }
    }

    public void Dispose()
    {
        foreach (var endpoint in _all.Keys)
        {
            Forget(endpoint);
        }
    }

    /// <summary>The transport of an endpoint over connections, which it owns.</summary>
    private EndpointTransport Over(HttpMessageHandler connections, WebhookEndpoint endpoint)
    {
        var handler = IsDiscovered(endpoint.Url) ? discovered.Before(connections, endpoint.Url) : connections;
        return new EndpointTransport(endpoint, Authorizing.Before(handler, endpoint.Auth, connections, clock));
    }

    private void Replace(EndpointTransport? known, EndpointTransport made)
    {
        var id = made.Endpoint.Id;
        if (known is null ? _all.TryAdd(id, made) : _all.TryUpdate(id, made, known))
        {
            known?.Dispose();
        }
        else
        {
            made.Dispose();
        }

        // A deletion that came between has looked already.
        if (endpoints.Find(id) is null)
        {
            Forget(id);
        }
    }

    private void Forget(EndpointId endpoint)
    {
        if (_all.TryRemove(endpoint, out var transport))
        {
            transport.Dispose();
        }
    }

    /// <summary>True for a name of service discovery; any other host is asked of the DNS.</summary>
    private bool IsDiscovered(Uri url) => configuration.GetSection($"services:{url.Host}").Exists();
}
