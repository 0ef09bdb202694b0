using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Middleware.Events;

/// <summary>The urgency of an event: a lane takes the highest first. The numbers are stored; they never change.</summary>
internal enum Priority
{
    /// <summary>Retries of dead letters and replays: below all live traffic. No event has it.</summary>
    [JsonStringEnumMemberName("background")]
    Background = -1,

    [JsonStringEnumMemberName("low")]
    Low = 0,

    [JsonStringEnumMemberName("medium")]
    Medium = 1,

    [JsonStringEnumMemberName("high")]
    High = 2,

    [JsonStringEnumMemberName("critical")]
    Critical = 3,

    /// <summary>Deliveries in order by key, whatever the priorities of their events. No event has it.</summary>
    [JsonStringEnumMemberName("ordered")]
    Ordered = 4,
}

internal static class Priorities
{
    /// <summary>All of them, the highest first.</summary>
    public static readonly ImmutableArray<Priority> HighestFirst =
        [Priority.Ordered, Priority.Critical, Priority.High, Priority.Medium, Priority.Low, Priority.Background];

    /// <summary>Those that an event can have, the highest first.</summary>
    public static readonly ImmutableArray<Priority> OfEvents = [Priority.Critical, Priority.High, Priority.Medium, Priority.Low];

    /// <summary>Those of the first deliveries of events, which wait for an endpoint.</summary>
    public static readonly ImmutableArray<Priority> OfLive = [Priority.Ordered, .. OfEvents];

    public static readonly EnumNames<Priority> Names = new(OfEvents);

    private static readonly FrozenDictionary<string, Priority> BySeverity = new Dictionary<string, Priority>
    {
        ["critical"] = Priority.Critical,
        ["fatal"] = Priority.Critical,
        ["emergency"] = Priority.Critical,
        ["high"] = Priority.High,
        ["error"] = Priority.High,
        ["medium"] = Priority.Medium,
        ["warning"] = Priority.Medium,
        ["warn"] = Priority.Medium,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The priority of a severity, in any case; an unknown severity is <see cref="Priority.Low"/>.</summary>
    public static Priority FromSeverity(string severity) => BySeverity.GetValueOrDefault(severity, Priority.Low);
}
