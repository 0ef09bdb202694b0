namespace Middleware.Domain;

/// <summary>What has become of an event, over all endpoints it is for.</summary>
internal enum EventStatus
{
    /// <summary>It is still owed to at least one endpoint, or is to be delivered to one again.</summary>
    Pending = 0,

    /// <summary>Every endpoint has it, or the one that hears of it instead.</summary>
    Delivered = 1,

    /// <summary>Nothing is owed any more and at least one endpoint does not have it: a dead letter, or one that was discarded.</summary>
    DeadLetter = 2,

    /// <summary>No endpoint matched.</summary>
    Unrouted = 3,
}

/// <summary>What has become of an event for one endpoint.</summary>
internal enum DeliveryStatus
{
    /// <summary>It is owed, or is to be delivered again.</summary>
    Pending,
    Delivered,

    /// <summary>It was given up and waits for its next try or for an operator.</summary>
    DeadLetter,

    /// <summary>It was given up and an operator decided to leave it at that.</summary>
    Discarded,

    /// <summary>It was given up and another endpoint hears of it instead.</summary>
    HandedOver,
}

/// <summary>The names of both in filters and answers.</summary>
internal static class Statuses
{
    public static readonly EnumNames<EventStatus> OfEvents = new(Name);
    public static readonly EnumNames<DeliveryStatus> OfDeliveries = new(Name);

    public static string Name(this EventStatus status) => status switch
    {
        EventStatus.Pending => "pending",
        EventStatus.Delivered => "delivered",
        EventStatus.DeadLetter => "dead_letter",
        _ => "unrouted",
    };

    public static string Name(this DeliveryStatus status) => status switch
    {
        DeliveryStatus.Pending => "pending",
        DeliveryStatus.Delivered => "delivered",
        DeliveryStatus.DeadLetter => "dead_letter",
        DeliveryStatus.HandedOver => "handed_over",
        _ => "discarded",
    };
}
