using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>
/// Registers, changes and tests webhook endpoints. A change names the <see cref="EndpointItem.ETag"/> that was read, so that no change of others is
/// lost: otherwise it is refused with 412.
/// </summary>
public sealed class EndpointOperations
{
    /// <summary>Any version: the change is made, whatever others changed meanwhile.</summary>
    public const string AnyVersion = "*";

    private const string Path = ApiRequest.Operating + "/endpoints";

    private readonly ApiTransport _transport;

    internal EndpointOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Lists the endpoints, the built-in one first and then those of the configuration, without their secrets and ETags.</summary>
    public Task<ListPage<EndpointItem>> ListAsync(PageQuery? query = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}{query?.ToQuery()}"), ClientJson.Default.ListPageEndpointItem, cancellationToken);

    /// <summary>Lists the endpoints of all pages.</summary>
    public IAsyncEnumerable<EndpointItem> ListAllAsync(PageQuery? query = null, CancellationToken cancellationToken = default) => Paging.AllAsync(
        query?.Cursor, (cursor, token) => ListAsync((query ?? new()) with { Cursor = cursor }, token), cancellationToken);

    /// <summary>Shows an endpoint, with the ETag that a change must bear.</summary>
    public Task<EndpointItem> GetAsync(string endpointId, CancellationToken cancellationToken = default) =>
        SendAsync(new ApiRequest(HttpMethod.Get, PathOf(endpointId)), cancellationToken);

    /// <summary>Registers an endpoint. Only this answer shows its secret.</summary>
    public Task<EndpointItem> CreateAsync(EndpointRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(new ApiRequest(HttpMethod.Post, Path) { Content = Json(request) }, cancellationToken);

    /// <summary>Replaces the definition of an endpoint. Its secret stays, and so do its headers where the request has none.</summary>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="request">The new definition.</param>
    /// <param name="ifMatch">The <see cref="EndpointItem.ETag"/> that was read, or <see cref="AnyVersion"/>.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    public Task<EndpointItem> ReplaceAsync(string endpointId, EndpointRequest request, string ifMatch, CancellationToken cancellationToken = default) =>
        SendAsync(new ApiRequest(HttpMethod.Put, PathOf(endpointId)) { Content = Json(request), IfMatch = Required(ifMatch) }, cancellationToken);

    /// <summary>Changes parts of an endpoint.</summary>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="patch">The members to set; those that it leaves out stay.</param>
    /// <param name="ifMatch">The <see cref="EndpointItem.ETag"/> that was read, or <see cref="AnyVersion"/>.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    public Task<EndpointItem> PatchAsync(string endpointId, EndpointPatch patch, string ifMatch, CancellationToken cancellationToken = default) => SendAsync(
        new ApiRequest(HttpMethod.Patch, PathOf(endpointId))
        {
            Content = ApiRequest.Json(patch, PatchJson.Default.EndpointPatch, "application/merge-patch+json"),
            IfMatch = Required(ifMatch),
        },
        cancellationToken);

    /// <summary>Deletes an endpoint. While deliveries wait for it, that is refused with 409 unless their end is named.</summary>
    /// <param name="endpointId">The endpoint.</param>
    /// <param name="ifMatch">The <see cref="EndpointItem.ETag"/> that was read, or <see cref="AnyVersion"/>.</param>
    /// <param name="waiting">The end of deliveries that wait for it.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    public async Task DeleteAsync(string endpointId, string ifMatch, WaitingDeliveries? waiting = null, CancellationToken cancellationToken = default)
    {
        var path = $"{PathOf(endpointId)}{new QueryText().AddName("waiting", waiting)}";
        using var answer = await _transport.SendAsync(new ApiRequest(HttpMethod.Delete, path) { IfMatch = Required(ifMatch) }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Enables deliveries to an endpoint.</summary>
    public Task<EndpointItem> EnableAsync(string endpointId, CancellationToken cancellationToken = default) => DoAsync(endpointId, "enable", cancellationToken);

    /// <summary>Disables deliveries to an endpoint. Its events wait.</summary>
    public Task<EndpointItem> DisableAsync(string endpointId, CancellationToken cancellationToken = default) => DoAsync(endpointId, "disable", cancellationToken);

    /// <summary>Makes a new secret, which only this answer shows. For a day the old one signs too.</summary>
    public Task<EndpointItem> RotateSecretAsync(string endpointId, CancellationToken cancellationToken = default) => DoAsync(endpointId, "rotate-secret", cancellationToken);

    /// <summary>Shows the health of an endpoint.</summary>
    public Task<EndpointHealth> HealthAsync(string endpointId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{PathOf(endpointId)}/health"), ClientJson.Default.EndpointHealth, cancellationToken);

    /// <summary>Sends an endpoint a sample event and shows its answer.</summary>
    public Task<AttemptItem> TestAsync(string endpointId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Post, $"{PathOf(endpointId)}/test"), ClientJson.Default.AttemptItem, cancellationToken);

    private static string PathOf(string endpointId) => $"{Path}/{ApiRequest.Segment(endpointId)}";

    private static HttpContent Json(EndpointRequest request) => ApiRequest.Json(request, ClientJson.Default.EndpointRequest);

    private static string Required(string ifMatch)
    {
        // What a list shows has no ETag: then the change would be refused only by the service.
        ArgumentException.ThrowIfNullOrWhiteSpace(ifMatch);
        return ifMatch;
    }

    private Task<EndpointItem> DoAsync(string endpointId, string verb, CancellationToken cancellationToken) =>
        SendAsync(new ApiRequest(HttpMethod.Post, $"{PathOf(endpointId)}/{verb}"), cancellationToken);

    private async Task<EndpointItem> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var answer = await _transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var endpoint = await ApiTransport.ReadAsync(answer, ClientJson.Default.EndpointItem, cancellationToken).ConfigureAwait(false);
        return endpoint with { ETag = answer.Headers.ETag?.ToString() };
    }
}
