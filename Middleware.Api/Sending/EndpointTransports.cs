using System.Collections.Concurrent;
using System.Net;
using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Sending;

/// <summary>
/// The connections of the endpoints, apart from each other. A change of an endpoint's address or transport renews its connections. They close when
/// the endpoint is gone and its attempts have ended.
/// </summary>
internal sealed class EndpointTransports(
    IConfiguration configuration, DiscoveredHosts discovered, GuardedConnect connect, DefaultProxy defaultProxy, EndpointRegistry endpoints, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

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

            Replace(known, Create(endpoint));
        }
    }

    /// <summary>Connections that end with their only lease.</summary>
    public EndpointTransport Create(WebhookEndpoint endpoint)
    {
        var proxy = defaultProxy.Of(endpoint);
        var connections = new SocketsHttpHandler
        {
            // A redirected POST silently turns into a GET without a body.
            AllowAutoRedirect = false,
            UseCookies = false,

            // Without a proxy of its own it would look for those of the environment.
            UseProxy = proxy is not null,
            Proxy = proxy is null ? null : new WebProxy(proxy),

            // An attempt has its span from DeliveryClient, with its outcome; the handler would make its own for unsampled traces too.
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = endpoint.Workers,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectCallback = endpoint.IsBuiltIn ? connect.ConnectAnywhereAsync : connect.ConnectAsync,
            SslOptions =
            {
                RemoteCertificateValidationCallback = CertificateCheck.Accept,
                ClientCertificateContext = endpoint.Auth is { Kind: AuthKind.Mtls } auth ? ClientCertificate.Read(auth.Certificate!.Reveal(), auth.Key!.Reveal()) : null,
            },
            PlaintextStreamFilter = static (context, _) => ValueTask.FromResult(
                context.InitialRequestMessage.Method == HttpMethod.Connect ? context.PlaintextStream : new EarlyAnswerStream(context.PlaintextStream)),
        };

        var handler = IsDiscovered(endpoint.Url) ? discovered.Before(connections, endpoint.Url) : connections;
        return new EndpointTransport(endpoint, Authorizing.Before(handler, endpoint.Auth, connections, clock));
    }

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
