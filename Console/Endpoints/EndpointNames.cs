using AspireIntegration.Client;

namespace AspireIntegration.Console.Endpoints;

/// <summary>The names of endpoints by their ids, for the pages of a tab. Beyond the first 1,000 endpoints ids stand for names.</summary>
public sealed class EndpointNames(AspireIntegrationClient api, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);

    private Dictionary<string, string> _names = [];
    private long? _readAt;

    /// <summary>The name of an endpoint; its id where there is none.</summary>
    public string this[string id] => _names.GetValueOrDefault(id, id);

    /// <summary>Reads the names, unless that was done just now.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_readAt is not { } at || clock.GetElapsedTime(at) >= Fresh)
        {
            var page = await api.Endpoints.ListAsync(new() { Limit = 1_000 }, cancellationToken);
            _names = page.Items.ToDictionary(static endpoint => endpoint.Id, static endpoint => endpoint.Name);
            _readAt = clock.GetTimestamp();
        }
    }
}
