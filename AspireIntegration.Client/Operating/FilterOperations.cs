using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Tests filters.</summary>
public sealed class FilterOperations
{
    private const string Path = ApiRequest.Operating + "/filters/test";

    private readonly ApiTransport _transport;

    internal FilterOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Tests a filter on an event.</summary>
    public Task<FilterTestResult> TestAsync(FilterTestRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Post, Path) { Content = ApiRequest.Json(request, ClientJson.Default.FilterTestRequest) }, ClientJson.Default.FilterTestResult, cancellationToken);
}
