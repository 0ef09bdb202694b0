using System.Text.Json.Serialization;

namespace Middleware.Events;

/// <summary>The status of an event, over all its endpoints.</summary>
internal enum EventStatus
{
    /// <summary>It is owed to at least one endpoint, or is to be delivered to one again.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending = 0,

    /// <summary>Every endpoint has it, or the fallback in its place.</summary>
    [JsonStringEnumMemberName("delivered")]
    Delivered = 1,

    /// <summary>Nothing is owed any more and at least one endpoint does not have it: a dead letter, or one that was discarded.</summary>
    [JsonStringEnumMemberName("dead_letter")]
    DeadLetter = 2,

    /// <summary>No endpoint matched.</summary>
    [JsonStringEnumMemberName("unrouted")]
    Unrouted = 3,

    /// <summary>It was erased: nothing is owed any more, and its payload is gone.</summary>
    [JsonStringEnumMemberName("erased")]
    Erased = 4,

    /// <summary>Nothing is owed any more, none of it was given up, and at least one endpoint did not get it in time.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired = 5,
}

/// <summary>The status of an event for one endpoint.</summary>
internal enum DeliveryStatus
{
    /// <summary>It is owed, or is to be delivered again.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    [JsonStringEnumMemberName("delivered")]
    Delivered,

    /// <summary>It was given up and waits for its next attempt or for an operator.</summary>
    [JsonStringEnumMemberName("dead_letter")]
    DeadLetter,

    /// <summary>It was given up and an operator discarded it.</summary>
    [JsonStringEnumMemberName("discarded")]
    Discarded,

    /// <summary>It was given up and the fallback gets it instead.</summary>
    [JsonStringEnumMemberName("handed_over")]
    HandedOver,

    /// <summary>It was pending, or given up, when the event was erased.</summary>
    [JsonStringEnumMemberName("erased")]
    Erased,

    /// <summary>Its deadline came before it was delivered.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,
}

/// <summary>The handling of the deliveries that wait for an endpoint when it is deleted.</summary>
internal enum WaitingDeliveries
{
    [JsonStringEnumMemberName("dead-letter")]
    DeadLetter,
}
