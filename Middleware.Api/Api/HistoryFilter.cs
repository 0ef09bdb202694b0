using Middleware.UseCases;

namespace Middleware.Api;

/// <summary>Answers 409 for routes that look back when the store keeps no history.</summary>
internal sealed class HistoryFilter(IEventHistory history) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        history.IsKept ? await next(context) : HistoryProblems.NoHistory();
}
