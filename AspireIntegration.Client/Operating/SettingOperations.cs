using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Reads the settings.</summary>
public sealed class SettingOperations
{
    private const string Path = ApiRequest.Operating + "/settings";

    private readonly ApiTransport _transport;

    internal SettingOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Lists the settings of the replica that answers, as they were at its start, without secrets.</summary>
    public Task<ListPage<SettingItem>> ListAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, Path), ClientJson.Default.ListPageSettingItem, cancellationToken);
}
