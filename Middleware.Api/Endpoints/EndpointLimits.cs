using ServiceDefaults.Connections;
using ServiceDefaults.Settings;

namespace Middleware.Endpoints;

/// <summary>The most endpoints, and the most workers over all of them.</summary>
/// <param name="MostEndpoints"><c>MAX_ENDPOINTS</c>: the most that may be registered and declared.</param>
/// <param name="MostWorkers"><c>MAX_WORKERS</c>: workers that run at once over all lanes; a lane always runs one. Each may hold a connection: the
/// default is 1,000, or fewer where callers need half of the open files.</param>
internal sealed record EndpointLimits(int MostEndpoints, int MostWorkers)
{
    private const int UsualWorkers = 1_000;
    private const int FewestWorkers = 50;

    /// <summary>The files that the service itself has open, and some that come and go.</summary>
    private const int OwnFiles = 400;

    public static EndpointLimits Read(SettingsReader settings) => new(
        settings.Whole(Setting.MaxEndpoints.Name, Setting.MaxEndpoints.Default, 1, 100_000),
        settings.Whole(Setting.MaxWorkers.Name, WorkersOf(OpenFiles.Limit), 1, 100_000));

    /// <summary>The default of <c>MAX_WORKERS</c> for a limit of open files; null for any number.</summary>
    internal static int WorkersOf(long? fileLimit) => (int)Math.Clamp(((fileLimit ?? long.MaxValue) - OwnFiles) / 2, FewestWorkers, UsualWorkers);
}
