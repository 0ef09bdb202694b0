using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Reads the caller.</summary>
public sealed class CallerOperations
{
    private const string Path = ApiRequest.Operating + "/me";

    private readonly ApiTransport _transport;

    internal CallerOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Shows the caller as its credential does.</summary>
    public Task<CallerItem> GetAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, Path), ClientJson.Default.CallerItem, cancellationToken);
}
