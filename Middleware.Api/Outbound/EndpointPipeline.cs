using Middleware.Domain;

namespace Middleware.Outbound;

/// <summary>The connections and the retries of one endpoint as it was when this was made.</summary>
internal sealed class EndpointPipeline(WebhookEndpoint endpoint, HttpMessageHandler handler) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: true);

    public WebhookEndpoint Endpoint => endpoint;

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _invoker.SendAsync(request, cancellationToken);

    public void Dispose() => _invoker.Dispose();
}
