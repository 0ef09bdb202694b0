using System.Net;
using Middleware.Endpoints;

namespace Middleware.Sending;

/// <summary>
/// The connections to receivers. Endpoints with the same origin, proxy and rules for addresses share them, since thousands may be at one host. Each attempt under way has one for
/// itself, so an endpoint that hangs takes none from another. Those with a client certificate have their own.
/// </summary>
internal sealed class SharedConnections(GuardedConnect connect, DefaultProxy defaultProxy)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<Place, (HttpMessageInvoker Connections, int Users)> _all = [];

    /// <summary>The number of places with connections.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>The connections for an endpoint; they close when all their users are disposed of.</summary>
    public HttpMessageHandler Of(WebhookEndpoint endpoint)
    {
        if (endpoint.Auth is { Kind: AuthKind.Mtls })
        {
            return Create(endpoint);
        }

        var place = new Place(endpoint.Url.GetLeftPart(UriPartial.Authority), defaultProxy.Of(endpoint), endpoint.IsBuiltIn);
        lock (_gate)
        {
            var (connections, users) = _all.GetValueOrDefault(place);
            connections ??= new HttpMessageInvoker(Create(endpoint));
            _all[place] = (connections, users + 1);
            return new User(this, place, connections);
        }
    }

    /// <summary>Connections of its own for an endpoint.</summary>
    public SocketsHttpHandler Create(WebhookEndpoint endpoint)
    {
        var proxy = defaultProxy.Of(endpoint);
        return new SocketsHttpHandler
        {
            // A redirected POST silently turns into a GET without a body.
            AllowAutoRedirect = false,
            UseCookies = false,

            // Without a proxy of its own it would look for those of the environment.
            UseProxy = proxy is not null,
            Proxy = proxy is null ? null : new WebProxy(proxy),

            // An attempt has its span from DeliveryClient, with its outcome; the handler would make its own for unsampled traces too.
            ActivityHeadersPropagator = null,
            PooledConnectionLifetime = Lifetime,
            ConnectCallback = endpoint.IsBuiltIn ? connect.ConnectAnywhereAsync : connect.ConnectAsync,
            SslOptions =
            {
                RemoteCertificateValidationCallback = CertificateCheck.Accept,
                ClientCertificateContext = endpoint.Auth is { Kind: AuthKind.Mtls } auth ? ClientCertificate.Read(auth.Certificate!.Reveal(), auth.Key!.Reveal()) : null,
            },
            PlaintextStreamFilter = static (context, _) => ValueTask.FromResult(
                context.InitialRequestMessage.Method == HttpMethod.Connect ? context.PlaintextStream : new EarlyAnswerStream(context.PlaintextStream)),
        };
    }

    private void Leave(Place place)
    {
        HttpMessageInvoker? unused = null;
        lock (_gate)
        {
            var (connections, users) = _all[place];
            if (users > 1)
            {
                _all[place] = (connections, users - 1);
            }
            else
            {
                _all.Remove(place);
                unused = connections;
            }
        }

        unused?.Dispose();
    }

    /// <summary>The properties that endpoints which share connections have in common.</summary>
    private readonly record struct Place(string Origin, Uri? Proxy, bool IsBuiltIn);

    /// <summary>The use of connections by one endpoint.</summary>
    private sealed class User(SharedConnections shared, Place place, HttpMessageInvoker connections) : HttpMessageHandler
    {
        private int _hasLeft;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => connections.SendAsync(request, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing && Interlocked.Exchange(ref _hasLeft, 1) == 0)
            {
                shared.Leave(place);
            }

            base.Dispose(disposing);
        }
    }
}
