using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>Clears endpoints that were deleted, looked at once a second.</summary>
internal sealed partial class ClearingLoop(ClearDeleted clear, TimeProvider clock, ILogger<ClearingLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await Ticks.NextAsync(timer, stoppingToken))
        {
            try
            {
                while (!stoppingToken.IsCancellationRequested && await clear.ExecuteAsync())
                {
                    SteppedOn();
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // What is left is stored: it goes on with the next tick, or after the next start.
                NotCleared(exception);
            }
        }
    }

    [LoggerMessage(LogLevel.Trace, "a deletion went a step further")]
    private partial void SteppedOn();

    [LoggerMessage(LogLevel.Warning, "deleted endpoints could not be cleared, trying again in a second")]
    private partial void NotCleared(Exception exception);
}
