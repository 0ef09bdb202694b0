using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>Takes bulk replays further, looked at ten times a second; after a restart it goes on where they were.</summary>
internal sealed partial class ReplayLoop(RunReplays run, TimeProvider clock, ILogger<ReplayLoop> logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await Ticks.NextAsync(timer, stoppingToken))
        {
            await RunAsync(stoppingToken);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested && await run.ExecuteAsync())
            {
                SteppedOn();
            }
        }
        catch (StoreUnavailableException exception)
        {
            // Their progress is stored with what they queued, and the store says itself that it cannot be written.
            NotQueued(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Trace, "replays went a step further")]
    private partial void SteppedOn();

    [LoggerMessage(LogLevel.Debug, "replays could not go on")]
    private partial void NotQueued(string error);
}
