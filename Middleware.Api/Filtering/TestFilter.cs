using Middleware.Events;

namespace Middleware.Filtering;

/// <summary>Judges an event by a filter as if it were accepted now; keeps nothing.</summary>
internal sealed class TestFilter(TimeProvider clock)
{
    /// <summary>Leaves the thread of the caller, which may be one that serves sockets, to others.</summary>
    public Task<FilterVerdict> ExecuteAsync(EventFilter filter, in ReceivedEvent received, string correlationId)
    {
        var accepted = received.ToEvent(clock.GetUtcNow(), correlationId, traceParent: null);
        return Task.Run(() => filter.Judge(accepted));
    }
}
