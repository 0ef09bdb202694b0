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
        Skipped = replay.Skipped,
        Waiting = replay.Waiting,
        Remaining = replay is { IsQueued: true, State: not ReplayState.Cancelled } ? 0 : Math.Max(0, replay.Total.Deliveries - replay.Queued - replay.Skipped),
        CreatedAt = replay.CreatedAt.UtcDateTime,
        EndedAt = replay.EndedAt?.UtcDateTime,
    };

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
