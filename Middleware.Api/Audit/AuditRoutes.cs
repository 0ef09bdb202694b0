using Microsoft.AspNetCore.Http.HttpResults;
using Middleware.Http;
using ServiceDefaults.Settings;

namespace Middleware.Audit;

/// <summary>The route of the log of changes.</summary>
internal static class AuditRoutes
{
    private const int MaxText = 512;

    public static IServiceCollection AddAudit(this IServiceCollection services) => services.AddSettings(AuditSettings.Read).AddSingleton<KeepAudit>();

    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/audit", List).WithTags("Audit").HoldsItsAnswer().Needs(Scopes.Admin).Asks(static query => Asked(query));

    /// <summary>Lists the changes that callers and the service made, newest first. <c>Middleware.Api audit verify</c> checks their chain of hashes.</summary>
    private static Results<Ok<ListPage<AuditedRow>>, ValidationProblem, ProblemHttpResult> List(HttpRequest request, IAuditLog log)
    {
        var query = RequestReader.Of(request.Query);
        var (filter, page) = Asked(query);
        if (query.Refusal() is { } refusal)
        {
            return refusal;
        }

        return TypedResults.Ok(log.Read(filter, page.Before, page.Limit + 1).ToPage(page.Limit, Cursor.Audit, static row => row.Number, static row => row));
    }

    private static (AuditQuery Filter, Events.PageRequest Page) Asked(RequestReader query)
    {
        var filter = new AuditQuery
        {
            Actor = query.Text("actor", MaxText, "The caller, exactly, such as `key:3kQ9xT0b`."),
            Action = query.Text("action", MaxText, "The kind of the change, exactly, such as `endpoint.changed`."),
            Target = query.Text("target", MaxText, "The id of the object, exactly."),
        };
        var (since, until) = query.Times("Changed");
        return (filter with { Since = since, Until = until }, query.Page(Cursor.Audit));
    }
}

/// <summary>The time for which changes are kept (<c>AUDIT_RETENTION</c>).</summary>
internal sealed record AuditSettings(TimeSpan Retention)
{
    public static AuditSettings Read(SettingsReader settings) => new(settings.Duration(Setting.AuditRetention.Name, Setting.AuditRetention.Default, "1d", "3650d"));
}
