using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Reads the replicas.</summary>
public sealed class ReplicaOperations
{
    private const string Path = ApiRequest.Operating + "/replicas";

    private readonly ApiTransport _transport;

    internal ReplicaOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Lists the replicas that share the store, by name.</summary>
    public Task<ListPage<ReplicaItem>> ListAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(new ApiRequest(HttpMethod.Get, Path), ClientJson.Default.ListPageReplicaItem, cancellationToken);
}
