using Microsoft.AspNetCore.Http.HttpResults;

namespace Middleware.Api.Versions;

/// <summary>400 for a version that there is not, is written in another way, or differs between path and header.</summary>
internal static class UnknownVersion
{
    public static ValidationProblem Refuse(HttpContext context, VersionReport report)
    {
        report.AddTo(context.Response);
        var inPath = context.Request.RouteValues["version"] as string;
        IEnumerable<string?> named = [.. inPath is null ? [] : (string[])[inPath], .. context.Request.Headers[AcceptVersions.Header]];
        return TypedResults.ValidationProblem(
            new Dictionary<string, string[]>
            {
                [AcceptVersions.Header] =
                [
                    $"\"{string.Join("\" and \"", named)}\" is none; give 1.0 or 2.0, once: in the header {AcceptVersions.Header}, or before the path as in "
                    + $"/v2{AcceptEventRoutes.Path}. Without it is version 1.0",
                ],
            },
            title: "The version is not supported.");
    }
}
