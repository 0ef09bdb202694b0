using Middleware.Domain;
using Middleware.UseCases;

namespace Middleware.Storage.Memory;

/// <summary>What the memory store has of what was: nothing, so there is nothing to replay or to purge.</summary>
internal sealed class NoReplays : IReplayStore
{
    public ReplayCount Count(ReplayOrder order, Func<EndpointId, bool> isReachable) => default;

    public Task<Replay?> AddAsync(ReplayOrder order, ReplayCount total, int mostRunning) =>
        throw new InvalidOperationException("The memory store keeps no history: there is nothing to replay.");

    public Replay? Find(string id) => null;

    public IReadOnlyList<Replay> Read(long before, int limit) => [];

    public IReadOnlyList<Replay> ReadRunning() => [];

    public Task<int> QueueNextAsync(Replay replay, int limit, Func<EndpointId, bool> isReachable) => Task.FromResult(0);

    public Task<Replay?> CompleteAsync(string id) => Task.FromResult<Replay?>(null);

    public Task<Replay?> CancelAsync(string id) => Task.FromResult<Replay?>(null);
}
