using ServiceDefaults.Settings;

namespace Middleware.UseCases;

/// <summary>The most endpoints, and the most workers over all of them.</summary>
/// <param name="MostEndpoints"><c>MAX_ENDPOINTS</c>: past it none is registered or declared.</param>
/// <param name="MostWorkers">
/// <c>MAX_WORKERS</c>: workers that run at once over all lanes; a lane always runs one. Each may hold a connection, so that the default
/// leaves three quarters of the 4,096 open files that the strictest common systems give to callers, the store and what is idle.
/// </param>
internal sealed record EndpointLimits(int MostEndpoints, int MostWorkers)
{
    public static EndpointLimits Read(SettingsReader settings) =>
        new(settings.Whole("MAX_ENDPOINTS", 10_000, 1, 100_000), settings.Whole("MAX_WORKERS", 1_000, 1, 100_000));
}
