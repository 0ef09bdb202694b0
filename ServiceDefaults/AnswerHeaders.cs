using Microsoft.AspNetCore.Http;

namespace ServiceDefaults;

/// <summary>The headers of every answer. They are set for every event: no value is made here.</summary>
internal static class AnswerHeaders
{
    private static readonly PathString Api = "/api";

    /// <summary>Sets the correlation id, and keeps browsers from guessing the type of a body and from storing the answers of the API.</summary>
    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[Correlation.Header] = context.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
        if (context.Request.Path.StartsWithSegments(Api))
        {
            headers.CacheControl = "no-store";
        }
    }
}
