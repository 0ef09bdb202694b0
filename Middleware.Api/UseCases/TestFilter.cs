using Middleware.Cesql;
using Middleware.Domain;

namespace Middleware.UseCases;

/// <summary>Tells what a filter would say of an event if it were accepted now; nothing is kept.</summary>
internal sealed class TestFilter(TimeProvider clock)
{
    public FilterVerdict Execute(EndpointFilter filter, in ReceivedEvent received, string correlationId)
    {
        var accepted = received.ToEvent(clock.GetUtcNow(), correlationId, traceParent: null);
        var budget = new StepBudget(new FilterBudget(accepted.Payload.Length).OfNext);
        return filter.Judge(new FilteredEvent(accepted), ref budget);
    }
}
