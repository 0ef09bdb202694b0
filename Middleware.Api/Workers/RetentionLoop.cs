using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>Purges what is older than its retention, looked at once a minute.</summary>
internal sealed partial class RetentionLoop(PurgeOld purge, TimeProvider clock, ILogger<RetentionLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await Ticks.NextAsync(timer, stoppingToken))
        {
            try
            {
                await purge.ExecuteAsync(stoppingToken);
            }
            catch (StoreUnavailableException exception)
            {
                // What is old stays old, and the store says itself that it cannot be written.
                NotPurged(exception.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "what is older than its retention could not be purged")]
    private partial void NotPurged(string error);
}
