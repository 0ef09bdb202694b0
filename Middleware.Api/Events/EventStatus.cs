using System.Text.Json.Serialization;

namespace Middleware.Events;

/// <summary>What has become of an event, over all endpoints it is for.</summary>
internal enum EventStatus
{
    /// <summary>It is still owed to at least one endpoint, or is to be delivered to one again.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending = 0,

    /// <summary>Every endpoint has it, or the one that hears of it instead.</summary>
    [JsonStringEnumMemberName("delivered")]
    Delivered = 1,

    /// <summary>Nothing is owed any more and at least one endpoint does not have it: a dead letter, or one that was discarded.</summary>
    [JsonStringEnumMemberName("dead_letter")]
    DeadLetter = 2,

    /// <summary>No endpoint matched.</summary>
    [JsonStringEnumMemberName("unrouted")]
    Unrouted = 3,
}

/// <summary>What has become of an event for one endpoint.</summary>
internal enum DeliveryStatus
{
    /// <summary>It is owed, or is to be delivered again.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    [JsonStringEnumMemberName("delivered")]
    Delivered,

    /// <summary>It was given up and waits for its next try or for an operator.</summary>
    [JsonStringEnumMemberName("dead_letter")]
    DeadLetter,

    /// <summary>It was given up and an operator decided to leave it at that.</summary>
    [JsonStringEnumMemberName("discarded")]
    Discarded,

    /// <summary>It was given up and another endpoint hears of it instead.</summary>
    [JsonStringEnumMemberName("handed_over")]
    HandedOver,
}

/// <summary>The end of the deliveries that wait for an endpoint when it is deleted.</summary>
internal enum WaitingDeliveries
{
    [JsonStringEnumMemberName("dead-letter")]
    DeadLetter,
}
