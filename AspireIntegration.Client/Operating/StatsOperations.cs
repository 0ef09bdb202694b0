using AspireIntegration.Client.Json;
using AspireIntegration.Client.Transport;

namespace AspireIntegration.Client.Operating;

/// <summary>Reads counts by minute.</summary>
public sealed class StatsOperations
{
    private readonly ApiTransport _transport;

    internal StatsOperations(ApiTransport transport) => _transport = transport;

    /// <summary>Counts what was accepted, delivered and given up, and the failed attempts, minute by minute, in all and by endpoint.</summary>
    /// <param name="minutes">The number of minutes, 1 to 1,440, the one under way included; 60 by default.</param>
    /// <param name="endpointId">The only endpoint that is shown beside the counts in all.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    public Task<StatsItem> GetAsync(int? minutes = null, string? endpointId = null, CancellationToken cancellationToken = default)
    {
        var query = new QueryText().Add("minutes", minutes).Add("endpoint_id", endpointId);
        return _transport.SendAsync(new ApiRequest(HttpMethod.Get, $"{ApiRequest.Operating}/stats{query}"), ClientJson.Default.StatsItem, cancellationToken);
    }
}
