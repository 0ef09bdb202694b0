using Middleware.Events;
using ServiceDefaults.Limits;

namespace Middleware.Http;

/// <summary>The sender of a request, as its credential shows.</summary>
/// <param name="name">Its name in the audit log, such as <c>key:3kQ9xT0b</c>. An idempotency key is of this name.</param>
/// <param name="scopes">Its permissions.</param>
internal class Caller(string name, Scopes scopes)
{
    /// <summary>Any sender where no credential is asked for.</summary>
    public static readonly Caller Anonymous = new(Actor.Anonymous, Scopes.All);

    public string Name => name;

    /// <summary>The permissions. <c>payloads:read</c> has <c>events:read</c> in it.</summary>
    public Scopes Scopes { get; } = scopes.HasFlag(Scopes.PayloadsRead) ? scopes | Scopes.EventsRead : scopes;

    /// <summary>Its name and its own rate among the clients of <c>RATE_LIMIT</c>; null where an address is the client.</summary>
    public virtual RateClient? Client => this == Anonymous ? null : field ??= new RateClient(name);

    /// <summary>True when it may do what any of these permits.</summary>
    public bool HasAny(Scopes scopes) => (Scopes & scopes) != Scopes.None;

    /// <summary>True when it may post events of this source.</summary>
    public virtual bool MaySend(string source) => true;
}

/// <summary>The scopes of a route, any of which permits it; <see cref="Scopes.None"/> for a route that is open to all.</summary>
internal sealed record NeededScopes(Scopes AnyOf);

internal static class CallerOfRequests
{
    /// <summary>The caller of a request that was let through.</summary>
    public static Caller Caller(this HttpContext context) => context.Features.Get<Caller>() ?? Http.Caller.Anonymous;

    /// <summary>The originator of a change by a request: its caller, and the person whom <c>X-Operator</c> names, if it does well.</summary>
    public static Actor Actor(this HttpContext context) => OperatorName.TryRead(context, out var by) ? by : new Actor(context.Caller().Name);

    /// <summary>Lets callers with any of these scopes use a route. The last of two holds, so a route may differ from its group.</summary>
    public static TRoute Needs<TRoute>(this TRoute route, Scopes anyOf)
        where TRoute : IEndpointConventionBuilder => route
            .WithMetadata(new NeededScopes(anyOf))
            .Refuses(StatusCodes.Status401Unauthorized)
            .Refuses(StatusCodes.Status403Forbidden);
}
