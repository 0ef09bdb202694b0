using System.Collections.Concurrent;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Outbound;

/// <summary>
/// The connections of the endpoints, apart from each other. Those of an endpoint are made anew when what they are made of changes, and
/// closed when the endpoint is gone and the tries under way have ended.
/// </summary>
internal sealed class EndpointTransports : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<EndpointId, EndpointTransport> _all = [];
    private readonly IConfiguration _configuration;
    private readonly DiscoveredHosts _discovered;
    private readonly GuardedConnect _connect;
    private readonly EndpointRegistry _endpoints;

    public EndpointTransports(
        IConfiguration configuration, DiscoveredHosts discovered, GuardedConnect connect, EndpointRegistry endpoints)
    {
        (_configuration, _discovered, _connect, _endpoints) = (configuration, discovered, connect, endpoints);
        endpoints.Removed += Forget;
    }

    /// <summary>The number of endpoints that have connections.</summary>
    public int Count => _all.Count;

    /// <summary>A lease of an endpoint's connections, to be disposed of when the try has ended.</summary>
    public EndpointTransport Of(WebhookEndpoint endpoint)
    {
        while (true)
        {
            var known = _all.GetValueOrDefault(endpoint.Id);
            if (known is not null && known.Suits(endpoint) && known.TryLease())
            {
                return known;
            }

            if (_endpoints.Find(endpoint.Id) is null)
            {
                return Create(endpoint);
            }

            Replace(known, Create(endpoint));
        }
    }

    /// <summary>Connections that end with their only lease.</summary>
    public EndpointTransport Create(WebhookEndpoint endpoint)
    {
        HttpMessageHandler handler = new SocketsHttpHandler
        {
            // A redirected POST silently turns into a GET without a body.
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,

            // A try has its span from DeliveryClient, with its outcome; the handler's own would be made for what is not sampled too.
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = endpoint.Workers,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectCallback = endpoint.IsBuiltIn ? _connect.ConnectAnywhereAsync : _connect.ConnectAsync,
            SslOptions = { RemoteCertificateValidationCallback = CertificateCheck.Accept },
            PlaintextStreamFilter = static (context, _) => ValueTask.FromResult<Stream>(new EarlyAnswerStream(context.PlaintextStream)),
        };

        return new EndpointTransport(endpoint, IsDiscovered(endpoint.Url) ? _discovered.Before(handler, endpoint.Url) : handler);
    }

    public void Dispose()
    {
        _endpoints.Removed -= Forget;
        foreach (var endpoint in _all.Keys)
        {
            Forget(endpoint);
        }
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
        if (_endpoints.Find(id) is null)
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

    /// <summary>True for a name that service discovery knows; any other host is asked of the DNS.</summary>
    private bool IsDiscovered(Uri url) => _configuration.GetSection($"services:{url.Host}").Exists();
}
