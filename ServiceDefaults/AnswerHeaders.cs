using Microsoft.AspNetCore.Http;

namespace ServiceDefaults;

/// <summary>The headers of every answer. They are set for every event: no value is made here.</summary>
internal static class AnswerHeaders
{
    // A year (RFC 6797, 6.1.1).
    private const string TlsFromNowOn = "max-age=31536000";
    private const string Localhost = "localhost";
    private const string LastOfConnection = "close";

    private static readonly PathString Api = "/api";

    /// <summary>Sets the correlation id, and keeps browsers from guessing the type of a body, from storing the answers of the API, and from leaving TLS.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isStopping">True while the service stops: the answer is the last of its connection.</param>
    public static void Set(HttpContext context, bool isStopping)
    {
        var headers = context.Response.Headers;
        headers[Correlation.Header] = context.TraceIdentifier;
        headers.XContentTypeOptions = "nosniff";
        if (isStopping)
        {
            headers.Connection = LastOfConnection;
        }

        if (context.Request.IsHttps && !IsOfThisMachine(context.Request.Host))
        {
            headers.StrictTransportSecurity = TlsFromNowOn;
        }

        if (context.Request.Path.StartsWithSegments(Api))
        {
            headers.CacheControl = "no-store";
        }
    }

    /// <summary>True for the host of other services too, on ports without TLS: a browser holds the header for all ports.</summary>
    private static bool IsOfThisMachine(HostString host) => host.Value is { } value
        && value.StartsWith(Localhost, StringComparison.OrdinalIgnoreCase) && (value.Length == Localhost.Length || value[Localhost.Length] == ':');
}
