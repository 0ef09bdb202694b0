using Middleware.Events;
using Middleware.Telemetry;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>
/// Work on connections beside the writer's. Its commands take no token: the driver cancels one by a connection of its own, and blocks the thread on which the answer
/// came meanwhile. That thread may be the one that waits for the new connection's socket too.
/// </summary>
internal static class BesideTheWriter
{
    /// <summary>The longest wait for a command at a stop: a database that does not answer holds it up no longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Repeats work until the stop, whatever fails in a round: what it keeps would be kept no more.</summary>
    public static async Task RepeatAsync(TimeSpan interval, Func<Task> round, Action<string> notDone, Defects defects, TimeProvider clock, CancellationToken stopped)
    {
        using var timer = new PeriodicTimer(interval, clock);
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stopped);
                await round();
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (IsOfTheDatabase(exception))
            {
                notDone(exception.Message);
            }
            catch (Exception exception)
            {
                defects.Note("replicas", exception);
            }
        }
    }

    /// <summary>True for a failure of the database or of the way to it.</summary>
    public static bool IsOfTheDatabase(Exception exception) => exception is NpgsqlException or StoreUnavailableException or TimeoutException;

    /// <summary>Waits for the end of work that is asked to stop.</summary>
    public static async Task WhenEndedAsync(this Task work, TimeProvider clock)
    {
        try
        {
            await work.WaitAsync(Longest, clock);
        }
        catch (TimeoutException)
        {
            // It ends with its connection, at the latest with the process.
        }
    }
}
