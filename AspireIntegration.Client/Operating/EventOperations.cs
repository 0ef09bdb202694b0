using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Reads, replays and erases events.</summary>
public sealed class EventOperations
{
    private const string Path = ApiRequest.Operating + "/events";

    private readonly ApiTransport _transport;

    internal EventOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Lists events, newest first.</summary>
    public Task<ListPage<EventItem>> ListAsync(EventQuery? query = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}{query?.ToQuery()}"), ClientJson.Default.ListPageEventItem, cancellationToken);

    /// <summary>Lists the events of all pages, newest first.</summary>
    public IAsyncEnumerable<EventItem> ListAllAsync(EventQuery? query = null, CancellationToken cancellationToken = default) => Paging.AllAsync(
        query?.Cursor, (cursor, token) => ListAsync((query ?? new()) with { Cursor = cursor }, token), cancellationToken);

    /// <summary>
    /// Follows the events that are accepted from now on, by any replica, until <paramref name="cancellationToken"/> ends it. A lost connection is opened
    /// again by itself: no event is left out or comes twice. Only the first connection and a refusal for good are thrown.
    /// </summary>
    /// <param name="query">The events that are asked for.</param>
    /// <param name="position">The position after which the stream goes on, which it moves; null for the next event.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<StreamedEvent> StreamAsync(
        EventStreamQuery? query = null, EventStreamPosition? position = null, CancellationToken cancellationToken = default) =>
        new EventStream(_transport, $"{Path}/stream{query?.ToQuery()}", position ?? new()).ReadAsync(cancellationToken);

    /// <summary>Counts events that match, up to 1,000, among the newest 50,000. The page of the query has no meaning here.</summary>
    public Task<EventCount> CountAsync(EventQuery? query = null, CancellationToken cancellationToken = default) => _transport.SendAsync(
        new ApiRequest(HttpMethod.Get, $"{Path}/counts{((query ?? new()) with { Cursor = null, Limit = null }).ToQuery()}"),
        ClientJson.Default.EventCount,
        cancellationToken);

    /// <summary>Shows an event, its deliveries and every attempt.</summary>
    public Task<EventDetail> GetAsync(string eventId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}/{ApiRequest.Segment(eventId)}"), ClientJson.Default.EventDetail, cancellationToken);

    /// <summary>Judges an event by the filter of each endpoint as it is now, in the order of the list of endpoints.</summary>
    public Task<ListPage<EndpointMatch>> MatchesAsync(string eventId, PageQuery? query = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}/{ApiRequest.Segment(eventId)}/matches{query?.ToQuery()}"), ClientJson.Default.ListPageEndpointMatch, cancellationToken);

    /// <summary>Judges an event by the filters of all endpoints.</summary>
    public IAsyncEnumerable<EndpointMatch> MatchesAllAsync(string eventId, PageQuery? query = null, CancellationToken cancellationToken = default) => Paging.AllAsync(
        query?.Cursor, (cursor, token) => MatchesAsync(eventId, (query ?? new()) with { Cursor = cursor }, token), cancellationToken);

    /// <summary>Delivers an event again, below live traffic.</summary>
    public Task<ReplayAnswer> ReplayAsync(string eventId, ReplayRequest? request = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Post, $"{Path}/{ApiRequest.Segment(eventId)}/replay") { Content = ApiRequest.Json(request ?? new(), ClientJson.Default.ReplayRequest) }, ClientJson.Default.ReplayAnswer, cancellationToken);

    /// <summary>Erases an event: its payload and the answers of receivers. What waits of it is not sent.</summary>
    public async Task EraseAsync(string eventId, CancellationToken cancellationToken = default)
    {
        using var answer = await _transport.SendAsync(new ApiRequest(HttpMethod.Delete, $"{Path}/{ApiRequest.Segment(eventId)}"), cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>The events that are asked for: those for which all given parts hold.</summary>
public sealed record EventQuery : PageQuery
{
    /// <summary>The source.</summary>
    public string? Source { get; init; }

    /// <summary>The event type.</summary>
    public string? EventType { get; init; }

    /// <summary>The priority.</summary>
    public Priority? Priority { get; init; }

    /// <summary>The status.</summary>
    public EventStatus? Status { get; init; }

    /// <summary>The correlation id.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Accepted at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Accepted before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>A text that the payload has. It needs the scope <c>payloads:read</c>.</summary>
    public string? Q { get; init; }

    private protected override void AddTo(QueryText query) => query
        .Add("source", Source)
        .Add("event_type", EventType)
        .AddName("priority", Priority)
        .AddName("status", Status)
        .Add("correlation_id", CorrelationId)
        .Add("since", Since)
        .Add("until", Until)
        .Add("q", Q);
}
