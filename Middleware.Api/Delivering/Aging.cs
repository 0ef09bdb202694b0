using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>Raises deliveries that wait long, so that a stream of higher priority does not keep them waiting for ever.</summary>
internal static class Aging
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(60);

    /// <summary>True when a lane takes one delivery before the other: the higher priority first, the older within one.</summary>
    public static bool IsBefore(Delivery delivery, Delivery other, DateTimeOffset now)
    {
        var (priority, than) = (PriorityAt(delivery, now), PriorityAt(other, now));
        return priority > than || (priority == than && delivery.Sequence < other.Sequence);
    }

    /// <summary>
    /// The priority at which a delivery is taken: one level higher for each 60 s since its event was accepted, never critical. Retries and replays
    /// keep theirs.
    /// </summary>
    public static Priority PriorityAt(Delivery delivery, DateTimeOffset now)
    {
        var priority = delivery.Priority;
        if (priority is not (Priority.Low or Priority.Medium))
        {
            return priority;
        }

        var steps = Math.Clamp((now - delivery.Event.AcceptedAt) / Step, 0, (int)Priority.High);
        return (Priority)Math.Min((int)Priority.High, (int)priority + (int)steps);
    }
}
