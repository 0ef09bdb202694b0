namespace Middleware.Storage.Postgres;

/// <summary>
/// Work on connections beside the writer's. Its commands take no token: the driver cancels one by a connection of its own, and blocks the thread on which the answer
/// came meanwhile. That thread may be the one that waits for the new connection's socket too.
/// </summary>
internal static class BesideTheWriter
{
    /// <summary>The longest wait for a command at a stop: a database that does not answer holds it up no longer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

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
