using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Middleware.Http;

/// <summary>
/// Refuses state changes that a page of another origin sends (cross-site request forgery). Browsers add <c>Origin</c> and <c>Sec-Fetch-Site</c>, which no
/// script can change (Fetch, "forbidden request-header"); a program sends neither.
/// </summary>
internal static class CrossOrigin
{
    private const string SecFetchSite = "Sec-Fetch-Site";

    /// <summary>Adds the refusal for all but the pages of <see cref="AllowedOrigins"/>.</summary>
    public static void UseIn(IApplicationBuilder app) => app.Use(next =>
    {
        var allowed = app.ApplicationServices.GetRequiredService<AllowedOrigins>().Origins;
        var refusals = app.ApplicationServices.GetRequiredService<EarlyRefusals>();
        return context => IsForeign(context.Request, allowed) ? refusals.RefuseAsync(context, Refusal(context.Request)) : next(context);
    });

    /// <summary>True for a method that may change something (RFC 9110, 9.2.1).</summary>
    public static bool ChangesState(string method) => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method);

    /// <summary>True for a state change by a page of another origin than the service's and the allowed ones. It runs for every event.</summary>
    public static bool IsForeign(HttpRequest request, IReadOnlyList<string> allowed)
    {
        var (origin, site) = (request.Headers.Origin, request.Headers[SecFetchSite]);
        return (origin.Count > 0 || site.Count > 0)
            && ChangesState(request.Method)
            && !allowed.Contains(origin.ToString())
            && ((origin.Count > 0 && !IsOwn(origin.ToString(), request)) || (site.Count > 0 && site.ToString() is not ("same-origin" or "none")));
    }

    private static bool IsOwn(string origin, HttpRequest request) => origin.Equals(OwnOrigin(request), StringComparison.OrdinalIgnoreCase);

    /// <summary>The origin of the service as the request names it, without the scheme's own port; null without a host.</summary>
    private static string? OwnOrigin(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var url) ? $"{url.Scheme}://{url.Authority}" : null;

    private static ProblemHttpResult Refusal(HttpRequest request)
    {
        var given = from name in (string[])[HeaderNames.Origin, SecFetchSite] where request.Headers.ContainsKey(name) select $"{name} is \"{request.Headers[name]}\"";
        return ApiProblems.Problem(
            StatusCodes.Status403Forbidden,
            "The request comes from a page of another origin.",
            $"{string.Join(" and ", given)}; expected the origin of this service, {OwnOrigin(request)}, or one of CORS_ORIGINS.");
    }
}
