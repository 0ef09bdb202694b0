using Asp.Versioning;

namespace Middleware.Api.Versions;

/// <summary>The versions of accepting events. A request names one in <see cref="Header"/> or before the path, as <c>/v2</c>; without it is version 1.</summary>
internal static class AcceptVersions
{
    public const string Header = "api-version";

    /// <summary>Answers 200. It stays as it is, for ever.</summary>
    public static readonly ApiVersion One = new(1, 0);

    /// <summary>Answers 202, and for a single event where it can be looked at.</summary>
    public static readonly ApiVersion Two = new(2, 0);

    /// <summary>
    /// A version is deprecated here: <c>options.Policies.Deprecate(1.0).Effective(...).Link(...)</c> and <c>Sunset</c> alike put
    /// <c>Deprecation</c> (RFC 9745), <c>Sunset</c> (RFC 8594) and <c>Link</c> on its answers. None is.
    /// </summary>
    public static void AddAcceptVersions(this IServiceCollection services)
    {
        services.AddApiVersioning(static options =>
            options.ApiVersionReader = ApiVersionReader.Combine(new HeaderApiVersionReader(Header), new UrlSegmentApiVersionReader()));
        services.AddSingleton<MatcherPolicy, VersionHeaderPolicy>();
        services.AddSingleton<VersionReport>();
    }
}
