using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Reads the log of changes.</summary>
public sealed class AuditOperations
{
    private const string Path = ApiRequest.Operating + "/audit";

    private readonly ApiTransport _transport;

    internal AuditOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Lists the changes that callers and the service made, newest first.</summary>
    public Task<ListPage<AuditedRow>> ListAsync(AuditQuery? query = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}{query?.ToQuery()}"), ClientJson.Default.ListPageAuditedRow, cancellationToken);

    /// <summary>Lists the changes of all pages, newest first.</summary>
    public IAsyncEnumerable<AuditedRow> ListAllAsync(AuditQuery? query = null, CancellationToken cancellationToken = default) => Paging.AllAsync(
        query?.Cursor, (cursor, token) => ListAsync((query ?? new()) with { Cursor = cursor }, token), cancellationToken);
}

/// <summary>The changes that are asked for: those for which all given parts hold.</summary>
public sealed record AuditQuery : PageQuery
{
    /// <summary>The caller that made it.</summary>
    public string? Actor { get; init; }

    /// <summary>The kind of the change, such as <c>endpoint.changed</c>.</summary>
    public string? Action { get; init; }

    /// <summary>The id of its object.</summary>
    public string? Target { get; init; }

    /// <summary>Made at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Made before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    private protected override void AddTo(QueryText query) =>
        query.Add("actor", Actor).Add("action", Action).Add("target", Target).Add("since", Since).Add("until", Until);
}
