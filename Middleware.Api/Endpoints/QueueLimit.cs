using System.Text.Json.Serialization;
using Middleware.Events;

namespace Middleware.Endpoints;

/// <summary>The handling of an event for an endpoint whose queue is full.</summary>
internal enum WhenFull
{
    /// <summary>It is refused, unless another endpoint takes it.</summary>
    [JsonStringEnumMemberName("reject")]
    Reject,

    /// <summary>It waits in the store, however many wait already.</summary>
    [JsonStringEnumMemberName("park")]
    Park,
}

/// <summary>The most deliveries that may wait for an endpoint, and the handling of further ones.</summary>
internal readonly record struct QueueLimit(int Size, WhenFull WhenFull)
{
    /// <summary>
    /// True when one more may wait beside <paramref name="waiting"/> others: always, where it parks. The last tenth of a rejecting queue (rounded up;
    /// none below ten places) is kept for critical events.
    /// </summary>
    public bool Admits(Priority priority, int waiting)
    {
        var reserved = priority == Priority.Critical || Size < 10 ? 0 : (int)((Size + 9L) / 10);
        return WhenFull == WhenFull.Park || waiting < Size - reserved;
    }

    /// <summary>True when an event that is not critical would be refused, or would park, beside <paramref name="waiting"/> others.</summary>
    public bool IsFull(int waiting) => WhenFull == WhenFull.Park ? waiting >= Size : !Admits(Priority.Low, waiting);
}
