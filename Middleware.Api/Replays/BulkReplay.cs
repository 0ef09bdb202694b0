using System.Text.Json.Serialization;
using Middleware.Events;

namespace Middleware.Replays;

/// <summary>The subject of a bulk replay. The numbers are stored; they never change.</summary>
internal enum ReplaySubject
{
    /// <summary>Dead letters that rest.</summary>
    [JsonStringEnumMemberName("dead_letters")]
    DeadLetters = 0,

    /// <summary>Events, to the endpoints that had them before or to one.</summary>
    [JsonStringEnumMemberName("events")]
    Events = 1,
}

/// <summary>The end that a bulk replay gives to its dead letters.</summary>
internal enum ReplayAction
{
    /// <summary>They are delivered again.</summary>
    [JsonStringEnumMemberName("replay")]
    Replay = 0,

    /// <summary>They are discarded.</summary>
    [JsonStringEnumMemberName("discard")]
    Discard = 1,
}

/// <summary>The state of a bulk replay. The numbers are stored; they never change.</summary>
internal enum ReplayState
{
    /// <summary>Deliveries are left to queue, or queued ones to deliver.</summary>
    [JsonStringEnumMemberName("running")]
    Running = 0,

    /// <summary>All of it was queued and has ended.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed = 1,

    /// <summary>An operator ended it: nothing more is queued, and queued deliveries are taken back.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled = 2,
}

/// <summary>The dead letters or events of a replay: those for which all given parts hold.</summary>
internal sealed record ReplaySelection
{
    public string? Source { get; init; }

    public string? EventType { get; init; }

    public Priority? Priority { get; init; }

    public string? CorrelationId { get; init; }

    /// <summary>The endpoint of a dead letter, or one that had the event.</summary>
    public EndpointId? EndpointId { get; init; }

    /// <summary>The reason of a dead letter.</summary>
    public string? Reason { get; init; }

    /// <summary>Dead, or accepted, at this time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Dead, or accepted, before this time.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>The order of an operator.</summary>
internal sealed record ReplayOrder
{
    public required ReplaySubject Of { get; init; }

    public required ReplaySelection Filter { get; init; }

    /// <summary>The delivery ids of dead letters, or the ids of events, which it takes in the place of the filter; null for none.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>The only endpoint that gets the events; null for all that had them.</summary>
    public EndpointId? EndpointId { get; init; }

    /// <summary>The most deliveries queued in a second; null for no limit.</summary>
    public int? RatePerSecond { get; init; }

    /// <summary>True when it sends events to an endpoint that they may never have matched.</summary>
    [JsonIgnore]
    public bool NeedNotMatch => Of == ReplaySubject.Events && EndpointId is { } target && target != Filter.EndpointId;

    /// <summary>True for a bulk erasure: its events are erased and not delivered.</summary>
    public bool Erases { get; init; }

    /// <summary>The operator who discards the dead letters; null for an order that delivers them.</summary>
    public string? DiscardedBy { get; init; }

    [JsonIgnore]
    public ReplayAction Action => DiscardedBy is null ? ReplayAction.Replay : ReplayAction.Discard;
}

/// <summary>The deliveries of an order; a lower bound when not all rows were looked at.</summary>
internal readonly record struct ReplayCount(long Deliveries, bool IsLowerBound);

/// <summary>A bulk replay. It covers the rows that the store had when it was created.</summary>
internal sealed record BulkReplay
{
    /// <summary>32 hexadecimal digits, a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>The place in the order in which replays were created.</summary>
    public required long Number { get; init; }

    public required ReplayOrder Order { get; init; }

    public required ReplayState State { get; init; }

    /// <summary>The deliveries of its order when it was created.</summary>
    public required ReplayCount Total { get; init; }

    /// <summary>Deliveries that were made pending, and not taken back when the replay was cancelled; or dead letters that were discarded.</summary>
    public required long Queued { get; init; }

    /// <summary>Deliveries that were pending already, or gone, when it came to them.</summary>
    public required long Skipped { get; init; }

    /// <summary>Deliveries that were queued and have not ended.</summary>
    public required int Waiting { get; init; }

    /// <summary>True when nothing is left to queue.</summary>
    public required bool IsQueued { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The time at which it was completed or cancelled.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
