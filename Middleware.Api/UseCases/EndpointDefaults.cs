using Middleware.Domain;
using ServiceDefaults.Settings;

namespace Middleware.UseCases;

/// <summary>How an endpoint is served unless it says otherwise.</summary>
internal sealed record EndpointDefaults(int Workers, int QueueSize, RetryPlan Retries, RedeliverySchedule Redelivery)
{
    public const int MostWorkers = 1_000;
    public const int LargestQueue = 100_000_000;
    public const int MostRetries = 10;
    public const int LongestSchedule = 20;

    public static readonly (string Least, string Most) Timeouts = ("10ms", "5m");
    public static readonly (string Least, string Most) BaseDelays = ("0s", "1m");
    public static readonly (string Least, string Most) BatchWaits = ("0s", "1m");
    public static readonly (string Least, string Most) RedeliveryDelays = ("1ms", "30d");

    public static EndpointDefaults Read(SettingsReader settings) => new(
        settings.Whole("WORKER_COUNT", 10, 1, MostWorkers),
        settings.Whole("QUEUE_SIZE", 1_000, 1, LargestQueue),
        new RetryPlan(
            settings.Duration("HTTP_TIMEOUT", "3s", Timeouts.Least, Timeouts.Most),
            settings.Whole("MAX_RETRIES", 3, 0, MostRetries),
            settings.Duration("BASE_DELAY", "500ms", BaseDelays.Least, BaseDelays.Most)),
        new RedeliverySchedule(settings.Durations(
            "REDELIVERY_SCHEDULE", "1m,5m,15m,1h,3h,6h,12h", RedeliveryDelays.Least, RedeliveryDelays.Most, LongestSchedule)));
}
