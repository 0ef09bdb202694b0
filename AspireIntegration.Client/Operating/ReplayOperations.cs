using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Replays and discards in bulk.</summary>
public sealed class ReplayOperations
{
    private const string Path = ApiRequest.Operating + "/replays";

    private readonly ApiTransport _transport;

    internal ReplayOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Replays or discards all dead letters or events that match now. A dry run only counts them.</summary>
    public Task<BulkReplayItem> CreateAsync(BulkReplayRequest request, string? person = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Post, Path) { Content = ApiRequest.Json(request, ClientJson.Default.BulkReplayRequest), Operator = person }, ClientJson.Default.BulkReplayItem, cancellationToken);

    /// <summary>Lists replays, newest first.</summary>
    public Task<ListPage<BulkReplayItem>> ListAsync(PageQuery? query = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}{query?.ToQuery()}"), ClientJson.Default.ListPageBulkReplayItem, cancellationToken);

    /// <summary>Lists the replays of all pages, newest first.</summary>
    public IAsyncEnumerable<BulkReplayItem> ListAllAsync(PageQuery? query = null, CancellationToken cancellationToken = default) => Paging.AllAsync(
        query?.Cursor, (cursor, token) => ListAsync((query ?? new()) with { Cursor = cursor }, token), cancellationToken);

    /// <summary>Shows the progress of a replay.</summary>
    public Task<BulkReplayItem> GetAsync(string replayId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}/{ApiRequest.Segment(replayId)}"), ClientJson.Default.BulkReplayItem, cancellationToken);

    /// <summary>Cancels a replay.</summary>
    public Task<BulkReplayItem> CancelAsync(string replayId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Delete, $"{Path}/{ApiRequest.Segment(replayId)}"), ClientJson.Default.BulkReplayItem, cancellationToken);
}
