using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Http;

namespace Middleware.Callers;

/// <summary>The route that shows a caller its own permissions.</summary>
internal static class CallerRoutes
{
    public static void MapCaller(this IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/me", Me).WithTags("Keys").Needs(Scopes.All);

    /// <summary>Shows the caller as its credential does. Any valid credential is enough.</summary>
    private static Ok<CallerItem> Me(HttpContext context) => TypedResults.Ok(new CallerItem(context.Caller()));
}

/// <summary>A caller and its permissions.</summary>
internal sealed class CallerItem(Caller caller)
{
    /// <summary>Its name in the audit log, such as <c>key:3kQ9xT0b</c>; <c>anonymous</c> with AUTH=off.</summary>
    public string Name => caller.Name;

    /// <summary>Its permissions. <c>payloads:read</c> has <c>events:read</c> in it.</summary>
    public IReadOnlyList<string> Scopes => ScopeNames.Of(caller.Scopes);
}
