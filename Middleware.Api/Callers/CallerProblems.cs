using Middleware.Http;

namespace Middleware.Callers;

/// <summary>Refusals of callers (RFC 9457, RFC 6750), before anything of the request is read.</summary>
internal static class CallerProblems
{
    /// <summary>401: no credential, or none that is valid.</summary>
    public static IResult Unknown(HttpContext context, string? fault)
    {
        context.Response.Headers.WWWAuthenticate = fault is null ? "Bearer" : "Bearer error=\"invalid_token\"";
        return ApiProblems.Problem(
            StatusCodes.Status401Unauthorized,
            fault ?? "A credential is required.",
            "Send an API key or a token as Authorization: Bearer, an API key as X-Api-Key, or a client certificate, as AUTH accepts them.");
    }

    /// <summary>503: tokens cannot be judged yet.</summary>
    public static IResult KeysMissing(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "5";
        return ApiProblems.Problem(
            StatusCodes.Status503ServiceUnavailable, "Tokens cannot be checked at the moment.", "The keys of JWT_AUTHORITY could not be fetched yet. Nothing was done: send it again later.");
    }
}
