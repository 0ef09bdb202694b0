using Middleware.Domain;

namespace Middleware.Api;

/// <summary>From a replay to what is answered.</summary>
internal static class BulkReplayMapping
{
    public static BulkReplayItem ToAnswer(this Replay replay) => replay.Order.ToAnswer(replay.Total) with
    {
        Id = replay.Id,
        DryRun = false,
        State = replay.State.Name(),
        Queued = replay.Queued,
        Skipped = replay.Skipped + (HasCome(replay) ? Left(replay) : 0),
        Waiting = replay.Waiting,
        Remaining = HasCome(replay) ? 0 : Left(replay),
        CreatedAt = replay.CreatedAt.UtcDateTime,
        EndedAt = replay.EndedAt?.UtcDateTime,
    };

    /// <summary>True when it has come to all deliveries; those of the total that it did not meet were gone by then.</summary>
    private static bool HasCome(Replay replay) => replay is { IsQueued: true, State: not ReplayState.Cancelled };

    private static long Left(Replay replay) => Math.Max(0, replay.Total.Deliveries - replay.Queued - replay.Skipped);

    /// <summary>The answer to a dry run: an order's deliveries as they are now.</summary>
    public static BulkReplayItem ToAnswer(this ReplayOrder order, ReplayCount count) => new()
    {
        DryRun = true,
        Of = order.Of.Name(),
        Filter = ToAnswer(order.Filter),
        EndpointId = order.EndpointId?.Value,
        RatePerSecond = order.RatePerSecond,
        Total = count.Deliveries,
        TotalIsLowerBound = count.IsLowerBound,
        Queued = 0,
        Skipped = 0,
        Waiting = 0,
        Remaining = count.Deliveries,
    };

    private static BulkReplayFilter ToAnswer(ReplayFilter filter) => new()
    {
        Source = filter.Source,
        EventType = filter.EventType,
        Priority = filter.Priority?.Name(),
        CorrelationId = filter.CorrelationId,
        EndpointId = filter.EndpointId?.Value,
        Reason = filter.Reason,
        Since = Text(filter.Since),
        Until = Text(filter.Until),
    };

    private static string? Text(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
