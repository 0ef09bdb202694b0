using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Erases events in bulk.</summary>
public sealed class ErasureOperations
{
    private const string Path = ApiRequest.Operating + "/erasures";

    private readonly ApiTransport _transport;

    internal ErasureOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Erases all events that match now, each as the erasure of a single event does. A dry run only counts them.</summary>
    public Task<BulkErasureItem> CreateAsync(BulkErasureRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Post, Path) { Content = ApiRequest.Json(request, ClientJson.Default.BulkErasureRequest) }, ClientJson.Default.BulkErasureItem, cancellationToken);

    /// <summary>Lists bulk erasures, newest first.</summary>
    public Task<ListPage<BulkErasureItem>> ListAsync(PageQuery? query = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}{query?.ToQuery()}"), ClientJson.Default.ListPageBulkErasureItem, cancellationToken);

    /// <summary>Lists the bulk erasures of all pages, newest first.</summary>
    public IAsyncEnumerable<BulkErasureItem> ListAllAsync(PageQuery? query = null, CancellationToken cancellationToken = default) => Paging.AllAsync(
        query?.Cursor, (cursor, token) => ListAsync((query ?? new()) with { Cursor = cursor }, token), cancellationToken);

    /// <summary>Shows the progress of a bulk erasure.</summary>
    public Task<BulkErasureItem> GetAsync(string erasureId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}/{ApiRequest.Segment(erasureId)}"), ClientJson.Default.BulkErasureItem, cancellationToken);

    /// <summary>Cancels a bulk erasure.</summary>
    public Task<BulkErasureItem> CancelAsync(string erasureId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Delete, $"{Path}/{ApiRequest.Segment(erasureId)}"), ClientJson.Default.BulkErasureItem, cancellationToken);
}
