using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>The reads of a lane, which are made again until the store answers.</summary>
internal sealed partial class PatientReads(EndpointId endpoint, TimeProvider clock, ILogger logger, CancellationToken stopped)
{
    // Doubled by each failure in a row: a database that was away for long is back at some time, and the lane waits for it.
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Runs work that ends with the lane.</summary>
    public async Task RunAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            LaneStopped(endpoint.Value);
        }
    }

    public async ValueTask<T> ReadAsync<T>(Func<ValueTask<T>> read, string? priority)
    {
        for (var delay = FirstRetryDelay; ; delay = delay < LongestRetryDelay / 2 ? delay * 2 : LongestRetryDelay)
        {
            try
            {
                return await read();
            }
            catch (Exception exception) when (!stopped.IsCancellationRequested)
            {
                // Pending deliveries outlast any trouble of the store: the lane waits for it.
                ReadFailed(exception, endpoint.Value, priority);
                await Task.Delay(delay, clock, stopped);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "reading pending deliveries failed, trying again soon")]
    private partial void ReadFailed(Exception exception, string endpoint, string? priority);

    [LoggerMessage(LogLevel.Debug, "lane stopped while it was read")]
    private partial void LaneStopped(string endpoint);
}
