using Middleware.Events;

namespace Middleware.Filtering;

/// <summary>Judges an event by a filter as if it were accepted now; keeps nothing.</summary>
internal sealed class TestFilter(TimeProvider clock)
{
    /// <summary>Judges on another thread than the caller's, which may serve sockets.</summary>
    public Task<FilterVerdict> ExecuteAsync(EventFilter filter, in ReceivedEvent received, string correlationId)
    {
        var accepted = received.ToEvent(clock.GetUtcNow(), correlationId, traceParent: null);
        return Task.Run(() => filter.Judge(accepted));
    }
}
