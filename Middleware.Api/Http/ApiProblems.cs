using Microsoft.AspNetCore.Http.HttpResults;

namespace Middleware.Http;

/// <summary>Refusals that all routes share (RFC 9457).</summary>
internal static class ApiProblems
{
    /// <summary>400 with all faults, under the name of the parameter.</summary>
    public static ValidationProblem Invalid(IDictionary<string, string[]> errors) =>
        TypedResults.ValidationProblem(errors, title: "The request is not valid.");

    public static ValidationProblem Invalid(string name, string fault) => Invalid(new Dictionary<string, string[]> { [name] = [fault] });

    public static ProblemHttpResult NotFound(string title, string detail) => Problem(StatusCodes.Status404NotFound, title, detail);

    public static ProblemHttpResult Conflict(string title, string detail) => Problem(StatusCodes.Status409Conflict, title, detail);

    public static ProblemHttpResult Problem(int status, string title, string detail) => TypedResults.Problem(detail, statusCode: status, title: title);

    /// <summary>403 for a caller without any of the scopes, which the header names too (RFC 6750).</summary>
    public static ProblemHttpResult MissingScope(HttpContext context, Scopes anyOf)
    {
        var (names, given) = (ScopeNames.Of(anyOf), context.Caller());
        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"insufficient_scope\", scope=\"{string.Join(' ', names)}\"";
        return Problem(
            StatusCodes.Status403Forbidden,
            "The caller lacks a scope.",
            $"This needs the scope {string.Join(" or ", names)}; {given.Name} has {(given.Scopes == Scopes.None ? "none" : string.Join(", ", ScopeNames.Of(given.Scopes)))}.");
    }

    /// <summary>
    /// 415 with the header that names the accepted types: <c>Accept-Post</c>, <c>Accept-Patch</c> (RFC 5789), or <c>Accept</c> (RFC 9110, 15.5.16).
    /// </summary>
    public static IResult UnsupportedMediaType(HttpContext context, params string[] accepted)
    {
        context.Response.Headers[AcceptHeader(context.Request.Method)] = string.Join(", ", accepted);
        return TypedResults.Problem(
            $"Content-Type is \"{context.Request.ContentType}\"; expected {string.Join(" or ", accepted)} in UTF-8.",
            statusCode: StatusCodes.Status415UnsupportedMediaType,
            title: "The content type is not supported.");
    }

    /// <summary>The header that names the media types of a method.</summary>
    public static string AcceptHeader(string? method) => method switch
    {
        "POST" => "Accept-Post",
        "PATCH" => "Accept-Patch",
        _ => "Accept",
    };
}
