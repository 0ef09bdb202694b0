using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>Makes dead letters pending again when they are due, looked at once a second.</summary>
internal sealed partial class RedeliveryLoop(IEventStore store, TimeProvider clock, ILogger<RedeliveryLoop> logger) : BackgroundService
{
    private const int AtOnce = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await Ticks.NextAsync(timer, stoppingToken))
        {
            await QueueAllDueAsync(stoppingToken);
        }
    }

    private async Task QueueAllDueAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested && await store.QueueDueAsync(clock.GetUtcNow(), AtOnce, cancellationToken) == AtOnce)
            {
                MoreAreDue();
            }
        }
        catch (StoreUnavailableException exception)
        {
            // They stay due, and the store says itself that it cannot be written.
            NotQueued(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "more dead letters are due than are queued at once")]
    private partial void MoreAreDue();

    [LoggerMessage(LogLevel.Debug, "dead letters that are due could not be queued")]
    private partial void NotQueued(string error);
}
