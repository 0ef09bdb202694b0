using Middleware.Domain;

namespace Middleware.Api;

/// <summary>From a replay to what is answered.</summary>
internal static class BulkReplayMapping
{
    public static string Name(ReplaySubject subject) => subject == ReplaySubject.DeadLetters ? "dead_letters" : "events";

    public static BulkReplayItem ToAnswer(this Replay replay) => new()
    {
        Id = replay.Id,
        State = NameOf(replay.State),
        Of = Name(replay.Order.Of),
        Filter = ToAnswer(replay.Order.Filter),
        EndpointId = replay.Order.EndpointId?.Value,
        RatePerSecond = replay.Order.RatePerSecond,
        Total = replay.Total.Deliveries,
        TotalIsLowerBound = replay.Total.IsLowerBound,
        Queued = replay.Queued,
        Skipped = replay.Skipped,
        Waiting = replay.Waiting,
        Remaining = replay is { IsQueued: true, State: not ReplayState.Cancelled } ? 0 : Math.Max(0, replay.Total.Deliveries - replay.Queued - replay.Skipped),
        CreatedAt = replay.CreatedAt.UtcDateTime,
        EndedAt = replay.EndedAt?.UtcDateTime,
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

    private static string NameOf(ReplayState state) => state switch
    {
        ReplayState.Running => "running",
        ReplayState.Completed => "completed",
        _ => "cancelled",
    };
}
