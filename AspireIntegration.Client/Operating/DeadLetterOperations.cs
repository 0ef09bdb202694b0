using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Reads, replays and discards dead letters.</summary>
public sealed class DeadLetterOperations
{
    private const string Path = ApiRequest.Operating + "/dead-letters";

    private readonly ApiTransport _transport;

    internal DeadLetterOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Lists dead letters, newest first.</summary>
    public Task<ListPage<DeadLetterItem>> ListAsync(DeadLetterQuery? query = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}{query?.ToQuery()}"), ClientJson.Default.ListPageDeadLetterItem, cancellationToken);

    /// <summary>Lists the dead letters of all pages, newest first.</summary>
    public IAsyncEnumerable<DeadLetterItem> ListAllAsync(DeadLetterQuery? query = null, CancellationToken cancellationToken = default) => Paging.AllAsync(
        query?.Cursor, (cursor, token) => ListAsync((query ?? new()) with { Cursor = cursor }, token), cancellationToken);

    /// <summary>Counts dead letters by endpoint and reason, among the newest 50,000. The page of the query has no meaning here.</summary>
    public Task<DeadLetterCounts> CountAsync(DeadLetterQuery? query = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}/counts{((query ?? new()) with { Cursor = null, Limit = null }).ToQuery()}"), ClientJson.Default.DeadLetterCounts, cancellationToken);

    /// <summary>Shows a dead letter and its attempts.</summary>
    public Task<DeadLetterDetail> GetAsync(string deliveryId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}/{ApiRequest.Segment(deliveryId)}"), ClientJson.Default.DeadLetterDetail, cancellationToken);

    /// <summary>Replays a dead letter now, below live traffic.</summary>
    public Task<ReplayAnswer> ReplayAsync(string deliveryId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Post, $"{Path}/{ApiRequest.Segment(deliveryId)}/replay"), ClientJson.Default.ReplayAnswer, cancellationToken);

    /// <summary>Discards a dead letter in the name of the caller, and of the person beside it where one is named.</summary>
    public Task<DeadLetterItem> DiscardAsync(string deliveryId, string? person = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Delete, $"{Path}/{ApiRequest.Segment(deliveryId)}") { Operator = person }, ClientJson.Default.DeadLetterItem, cancellationToken);
}

/// <summary>The dead letters that are asked for: those for which all given parts hold.</summary>
public sealed record DeadLetterQuery : PageQuery
{
    /// <summary>The endpoint.</summary>
    public string? EndpointId { get; init; }

    /// <summary>The source of the event.</summary>
    public string? Source { get; init; }

    /// <summary>The type of the event.</summary>
    public string? EventType { get; init; }

    /// <summary>The priority of the event.</summary>
    public Priority? Priority { get; init; }

    /// <summary>The reason for which it was given up, such as <c>http_503</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The state.</summary>
    public DeadLetterState? State { get; init; }

    /// <summary>Given up at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Given up before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    private protected override void AddTo(QueryText query) => query
        .Add("endpoint_id", EndpointId)
        .Add("source", Source)
        .Add("event_type", EventType)
        .AddName("priority", Priority)
        .Add("reason", Reason)
        .AddName("state", State)
        .Add("since", Since)
        .Add("until", Until);
}
