using Middleware.Events;

namespace Middleware.Replays;

/// <summary>A bulk replay of the dead letters or events at its creation; for a dry run, of those now.</summary>
internal sealed class BulkReplayItem(ReplayOrder order, ReplayCount total, BulkReplay? replay = null)
{
    public static BulkReplayItem Created(BulkReplay replay) => new(replay.Order, replay.Total, replay);

    /// <summary>32 hexadecimal digits; null of a dry run. Receivers get it as <c>X-Replay-Id</c>.</summary>
    public string? Id => replay?.Id;

    /// <summary>True when it was only counted: nothing is delivered, and there is no such replay.</summary>
    public bool DryRun => replay is null;

    /// <summary><c>running</c>, <c>completed</c> (all was queued and has ended) or <c>cancelled</c>; null of a dry run.</summary>
    public ReplayState? State => replay?.State;

    /// <summary>As asked for.</summary>
    public ReplaySubject Of => order.Of;

    /// <summary>As asked for.</summary>
    public ReplayAction Action => order.Action;

    /// <summary>As asked for.</summary>
    public ReplaySelection Filter => order.Filter;

    /// <summary>The number of ids that were given in the place of a filter, each once; null for a filter.</summary>
    public int? Selected => order.Ids?.Count;

    /// <summary>As asked for.</summary>
    public EndpointId? EndpointId => order.EndpointId;

    /// <summary>As asked for.</summary>
    public int? RatePerSecond => order.RatePerSecond;

    /// <summary>The number of deliveries when it was created.</summary>
    public long Total => total.Deliveries;

    /// <summary>True when the count ended early: then there may be more.</summary>
    public bool TotalIsLowerBound => total.IsLowerBound;

    /// <summary>Deliveries that were made pending, and not taken back when the replay was cancelled; or dead letters that were discarded.</summary>
    public long Queued => replay?.Queued ?? 0;

    /// <summary>Deliveries that were pending already, or gone, when it came to them.</summary>
    public long Skipped => (replay?.Skipped ?? 0) + (HasCome ? Left : 0);

    /// <summary>Deliveries that were queued and have not ended; at most 1,000.</summary>
    public int Waiting => replay?.Waiting ?? 0;

    /// <summary>The part of the total that is left to queue, or was when the replay was cancelled.</summary>
    public long Remaining => HasCome ? 0 : Left;

    /// <summary>The time of its creation; later dead letters and events are not in it. Null of a dry run.</summary>
    public DateTimeOffset? CreatedAt => replay?.CreatedAt;

    /// <summary>The time at which it was completed or cancelled.</summary>
    public DateTimeOffset? EndedAt => replay?.EndedAt;

    /// <summary>True when it has come to all deliveries; those of the total that it did not meet were gone by then.</summary>
    private bool HasCome => replay is { IsQueued: true, State: not ReplayState.Cancelled };

    private long Left => Math.Max(0, total.Deliveries - Queued - (replay?.Skipped ?? 0));
}
