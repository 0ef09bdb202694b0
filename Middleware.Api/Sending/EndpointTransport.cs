using Middleware.Endpoints;

namespace Middleware.Sending;

/// <summary>The connections of one endpoint as it was when they were made. They close when their owner and every lease are disposed of.</summary>
internal sealed class EndpointTransport(WebhookEndpoint endpoint, HttpMessageHandler handler) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: true);
    private int _holders = 1;

    public WebhookEndpoint Endpoint => endpoint;

    /// <summary>True while they serve the endpoint as it is now.</summary>
    public bool Suits(WebhookEndpoint now) => ReferenceEquals(now, endpoint) || (now.Url == endpoint.Url && now.Proxy == endpoint.Proxy && now.Auth == endpoint.Auth);

    /// <summary>False when they were released: others take their place.</summary>
    public bool TryLease()
    {
        var holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker.SendAsync(request, cancellationToken);

    /// <summary>Releases one lease, or the owner's.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _invoker.Dispose();
        }
    }
}
