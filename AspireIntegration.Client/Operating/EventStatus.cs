using System.Text.Json.Serialization;
using AspireIntegration.Client.Json;

namespace AspireIntegration.Client.Operating;

/// <summary>The status of an event over all its endpoints.</summary>
[JsonConverter(typeof(EnumText<EventStatus>))]
public enum EventStatus
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>A delivery is owed.</summary>
    Pending,

    /// <summary>Every endpoint has it.</summary>
    Delivered,

    /// <summary>An endpoint was given up.</summary>
    DeadLetter,

    /// <summary>No endpoint matched.</summary>
    Unrouted,

    /// <summary>Its payload is erased.</summary>
    Erased,

    /// <summary>Its time was over before it was delivered.</summary>
    Expired,
}

/// <summary>The status of a delivery.</summary>
[JsonConverter(typeof(EnumText<DeliveryStatus>))]
public enum DeliveryStatus
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>It is owed.</summary>
    Pending,

    /// <summary>The endpoint has it.</summary>
    Delivered,

    /// <summary>It was given up.</summary>
    DeadLetter,

    /// <summary>An operator discarded it.</summary>
    Discarded,

    /// <summary>The fallback endpoint gets it.</summary>
    HandedOver,

    /// <summary>Its event is erased.</summary>
    Erased,

    /// <summary>Its time was over.</summary>
    Expired,
}

/// <summary>The state of a dead letter.</summary>
[JsonConverter(typeof(EnumText<DeadLetterState>))]
public enum DeadLetterState
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>It waits for its schedule or an operator.</summary>
    Resting,

    /// <summary>It is being delivered again.</summary>
    Queued,

    /// <summary>An operator discarded it.</summary>
    Discarded,

    /// <summary>The fallback endpoint gets it.</summary>
    HandedOver,

    /// <summary>Its event is erased.</summary>
    Erased,

    /// <summary>Its time was over.</summary>
    Expired,
}

/// <summary>The priority of an event, which its severity decides.</summary>
[JsonConverter(typeof(EnumText<Priority>))]
public enum Priority
{
    /// <summary>A value of a newer service, which this version does not know.</summary>
    Unknown,

    /// <summary>The highest.</summary>
    Critical,

    /// <summary>Above medium.</summary>
    High,

    /// <summary>Above low.</summary>
    Medium,

    /// <summary>The lowest.</summary>
    Low,
}
