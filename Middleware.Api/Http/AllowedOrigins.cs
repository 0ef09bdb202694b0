using Microsoft.Net.Http.Headers;
using ServiceDefaults;
using ServiceDefaults.Limits;
using ServiceDefaults.Settings;

namespace Middleware.Http;

/// <summary>
/// The pages of <c>CORS_ORIGINS</c>, whose scripts may read answers (Fetch, "CORS protocol"); without credentials, as there are none.
/// </summary>
internal sealed record AllowedOrigins(IReadOnlyList<string> Origins)
{
    private static readonly TimeSpan PreflightLifetime = TimeSpan.FromMinutes(10);

    private static readonly string[] ExposedOfAll =
    [
        HeaderNames.ETag, HeaderNames.Location, HeaderNames.RetryAfter, RateLimiting.Header, RateLimiting.PolicyHeader, Correlation.Header,
        "Accept-Post", "Accept-Patch", "api-supported-versions", "Deprecation", "Sunset", HeaderNames.Link,
    ];

    public static AllowedOrigins Read(SettingsReader settings)
    {
        var text = settings.Text(Setting.CorsOrigins.Name) ?? "";
        var origins = SettingsReader.Entries(text);
        if (!origins.All(IsOrigin))
        {
            settings.Refuse(Setting.CorsOrigins.Name, text, "expected origins as browsers send them, such as https://console.example,http://localhost:3000, separated by commas, or nothing");
        }

        return new AllowedOrigins(origins);
    }

    /// <summary>Adds the protocol before all other handlers, if there is an origin: without one no request pays for it.</summary>
    /// <param name="app">The handlers.</param>
    /// <param name="exposed">The headers that scripts may read beside those of all routes.</param>
    public static void UseIn(IApplicationBuilder app, params string[] exposed) => app.Use(next =>
    {
        var origins = app.ApplicationServices.GetRequiredService<AllowedOrigins>().Origins;
        if (origins.Count == 0)
        {
            return next;
        }

        var allowing = app.New();
        allowing.UseCors(policy => policy
            .WithOrigins([.. origins]).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders([.. ExposedOfAll, .. exposed]).SetPreflightMaxAge(PreflightLifetime));
        allowing.Run(next);
        var allowed = allowing.Build();
        return context =>
        {
            // An answer without the header must not be kept for a page that needs it.
            context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Origin);
            return allowed(context);
        };
    });

    /// <summary>True for a scheme, a host and a port that is not the scheme's own, in lower case (RFC 6454, 6.2).</summary>
    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
        && url.HostNameType is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6
        && !text.Contains('*', StringComparison.Ordinal) && $"{url.Scheme}://{url.Authority}" == text;
}
