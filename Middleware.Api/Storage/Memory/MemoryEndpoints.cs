using System.Collections.Concurrent;
using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Memory;

/// <summary>Endpoints for as long as the process runs. What waits for one that is deleted is forgotten, as the memory store does with all it gives up.</summary>
internal sealed class MemoryEndpoints(MemoryEventStore events) : IEndpointStore
{
    private readonly ConcurrentDictionary<EndpointId, RegisteredEndpoint> _endpoints = [];

    public Task<IReadOnlyList<RegisteredEndpoint>> LoadAsync() => Task.FromResult<IReadOnlyList<RegisteredEndpoint>>([]);

    public Task<bool> SaveAsync(RegisteredEndpoint endpoint)
    {
        var id = endpoint.Endpoint.Id;
        var isSaved = endpoint.Version == 1
            ? _endpoints.TryAdd(id, endpoint)
            : _endpoints.TryGetValue(id, out var known) && known.Version == endpoint.Version - 1 && _endpoints.TryUpdate(id, endpoint, known);
        if (isSaved)
        {
            events.BeginAnew(id);
        }

        return Task.FromResult(isSaved);
    }

    public Task<EndpointRemoval> RemoveAsync(EndpointId id, long version, bool deadLetterWaiting)
    {
        if (!_endpoints.TryGetValue(id, out var known) || known.Version != version)
        {
            return Task.FromResult(EndpointRemoval.VersionDiffers);
        }

        if (!events.TryForget(id, evenIfWaiting: deadLetterWaiting))
        {
            return Task.FromResult(EndpointRemoval.HasWaiting);
        }

        _endpoints.TryRemove(id, out _);
        return Task.FromResult(EndpointRemoval.Removed);
    }

    public Task<EndpointClearing?> ClearDeletedAsync(int limit) => Task.FromResult<EndpointClearing?>(null);
}
