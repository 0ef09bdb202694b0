using Microsoft.Extensions.ServiceDiscovery.Http;
using Middleware.Endpoints;

namespace Middleware.Sending;

/// <summary>
/// Finds hosts by service discovery, for all endpoints by one resolver. A resolver has timers and outlives its handler: one for each endpoint would
/// stay when the endpoint is gone.
/// </summary>
internal sealed class DiscoveredHosts(IServiceDiscoveryHttpMessageHandlerFactory discovery) : IDisposable
{
    private static readonly HttpRequestOptionsKey<HttpMessageInvoker> Connections = new("Middleware.Connections");

    private readonly Lazy<HttpMessageInvoker> _resolving = new(() => new HttpMessageInvoker(discovery.CreateHandler(new Onward())));

    /// <summary>Sends over these connections, which it owns, to the host of service discovery; path and query stay as registered.</summary>
    public HttpMessageHandler Before(HttpMessageHandler connections, Uri registered) => new Resolving(_resolving.Value, new RegisteredPath(registered) { InnerHandler = connections });

    public void Dispose()
    {
        if (_resolving.IsValueCreated)
        {
            _resolving.Value.Dispose();
        }
    }

    private sealed class Resolving(HttpMessageInvoker resolving, HttpMessageHandler connections) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _connections = new(connections);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Options.Set(Connections, _connections);
            return resolving.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _connections.Dispose();
            }

            base.Dispose(disposing);
        }
    }

    /// <summary>Restores the registered path: service discovery puts another host into a URL, and writes its path anew.</summary>
    private sealed class RegisteredPath(Uri registered) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = WebhookUrl.AsSent(request.RequestUri!.GetLeftPart(UriPartial.Authority) + registered.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>The end of the shared resolver, which sends over the connections of the request's endpoint.</summary>
    private sealed class Onward : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Options.TryGetValue(Connections, out var connections)
                ? connections.SendAsync(request, cancellationToken)
                : throw new InvalidOperationException("A request that is resolved bears the connections of its endpoint.");
    }
}
