using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Tells what a filter would say of an event if it were accepted now; nothing is kept.</summary>
internal sealed class TestFilter(TimeProvider clock)
{
    public FilterVerdict Execute(EndpointFilter filter, in ReceivedEvent received, string correlationId) =>
        filter.Judge(new FilteredEvent(received.ToEvent(clock.GetUtcNow(), correlationId, traceParent: null)));
}
