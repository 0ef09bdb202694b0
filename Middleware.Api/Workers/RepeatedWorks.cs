using System.Collections.Immutable;
using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>The use cases that the service repeats by itself, each in a loop of its own.</summary>
internal sealed class RepeatedWorks(
    QueueDue redelivery, PlatformEvents platform, RunReplays replays, PurgeOld retention, ClearDeleted clearing, Defects defects, TimeProvider clock, ILogger<RepeatedWork> logger)
{
    public ImmutableArray<RepeatedWork> All { get; } =
    [
        new("redelivery", QueueDue.Interval, redelivery.ExecuteAsync, defects, clock, logger),
        new("platform_events", TimeSpan.Zero, platform.PostNextAsync, defects, clock, logger),
        new("replays", RunReplays.Interval, replays.ExecuteAllAsync, defects, clock, logger),
        new("retention", PurgeOld.Interval, retention.ExecuteAsync, defects, clock, logger),
        new("clearing", ClearDeleted.Interval, clearing.ExecuteAllAsync, defects, clock, logger),
    ];
}
