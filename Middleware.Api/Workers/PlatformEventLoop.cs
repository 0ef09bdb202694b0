using Middleware.UseCases;

namespace Middleware.Workers;

/// <summary>Posts the events of the platform itself, one after the other. What is not posted at the stop is left out: the log has it.</summary>
internal sealed partial class PlatformEventLoop(PlatformEvents events, ILogger<PlatformEventLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await events.PostAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Stopped();
        }
    }

    [LoggerMessage(LogLevel.Debug, "no more events of the platform are posted")]
    private partial void Stopped();
}
