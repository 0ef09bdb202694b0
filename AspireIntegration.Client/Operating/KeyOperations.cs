using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Makes, shows, rotates and revokes API keys.</summary>
public sealed class KeyOperations
{
    private const string Path = ApiRequest.Operating + "/keys";

    private readonly ApiTransport _transport;

    internal KeyOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Lists the keys, oldest first, without their texts.</summary>
    public Task<ListPage<KeyItem>> ListAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, Path), ClientJson.Default.ListPageKeyItem, cancellationToken);

    /// <summary>Makes a key. Only this answer shows its text.</summary>
    public Task<KeyItem> CreateAsync(KeyRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Post, Path) { Content = ApiRequest.Json(request, ClientJson.Default.KeyRequest) }, ClientJson.Default.KeyItem, cancellationToken);

    /// <summary>Shows a key, without its text.</summary>
    public Task<KeyItem> GetAsync(string keyId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{Path}/{ApiRequest.Segment(keyId)}"), ClientJson.Default.KeyItem, cancellationToken);

    /// <summary>Gives a key another text, which only this answer shows.</summary>
    public Task<KeyItem> RotateAsync(string keyId, KeyRotationRequest? request = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Post, $"{Path}/{ApiRequest.Segment(keyId)}/rotate") { Content = ApiRequest.Json(request ?? new(), ClientJson.Default.KeyRotationRequest) }, ClientJson.Default.KeyItem, cancellationToken);

    /// <summary>Revokes a key. The next request with it is refused.</summary>
    public async Task RevokeAsync(string keyId, CancellationToken cancellationToken = default)
    {
        using var answer = await _transport.SendAsync(new ApiRequest(HttpMethod.Delete, $"{Path}/{ApiRequest.Segment(keyId)}"), cancellationToken).ConfigureAwait(false);
    }
}
