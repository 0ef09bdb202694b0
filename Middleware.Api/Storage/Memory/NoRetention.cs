using Middleware.UseCases;

namespace Middleware.Storage.Memory;

/// <summary>What the memory store has to purge: nothing, it forgets by itself.</summary>
internal sealed class NoRetention : IRetentionStore
{
    private static readonly PurgeStep Nothing = new(0, 0, 0, IsLast: true);

    public Task<PurgeStep> PurgeEventsAsync(long cursor, DateTimeOffset before) => Task.FromResult(Nothing);

    public Task<PurgeStep> PurgeDeadLettersAsync(long cursor, DateTimeOffset before, DateTimeOffset eventsBefore) => Task.FromResult(Nothing);

    public Task<bool> PurgeExpiredAsync(DateTimeOffset now, DateTimeOffset replaysBefore) => Task.FromResult(false);
}
