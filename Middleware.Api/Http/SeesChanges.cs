using Middleware.Events;

namespace Middleware.Http;

/// <summary>Has routes see what other replicas have committed before the request.</summary>
internal static class SeesChangesOfOthers
{
    /// <summary>Calls <paramref name="follow"/> before the handler. While the store cannot be read, the handler sees what is known here.</summary>
    public static TRoute SeesChanges<TRoute>(this TRoute route, Func<IServiceProvider, Task> follow)
        where TRoute : IEndpointConventionBuilder => route.AddEndpointFilter<TRoute>(async (context, next) =>
    {
        try
        {
            await follow(context.HttpContext.RequestServices);
        }
        catch (StoreUnavailableException)
        {
            // A change is refused by the store itself.
        }

        return await next(context);
    });
}
