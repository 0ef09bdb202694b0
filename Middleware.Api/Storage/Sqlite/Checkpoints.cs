using Microsoft.Data.Sqlite;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// Moves what was committed from the write-ahead log into the database, on a thread and a connection of its own: inside a commit it would
/// be the longest of all waits.
/// </summary>
internal sealed partial class Checkpoints : IDisposable
{
    // Often and little: a commit's flush waits for the disk behind the checkpoint's.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>From so many pages on (64 MiB) the log is started anew, for which the writer waits a moment.</summary>
    private const long PagesToRestart = 16_384;

    private readonly ManualResetEventSlim _end = new();
    private readonly StoreFile _file;
    private readonly SqliteConnection _connection;
    private readonly ILogger _logger;
    private readonly Thread _thread;

    public Checkpoints(StoreFile file, ILogger logger)
    {
        _file = file;
        _logger = logger;
        _connection = file.OpenCheckpointer();
        _thread = new Thread(Run) { IsBackground = true, Name = "Store checkpoints" };
        _thread.Start();
    }

    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
        _connection.Dispose();
    }

    private void Run()
    {
        while (!_end.Wait(Interval))
        {
            try
            {
                if (Checkpoint("PASSIVE") >= PagesToRestart)
                {
                    // The writer waits for this one, so it is left only what was written since the one before.
                    Checkpoint("RESTART");
                }
            }
            catch (Exception exception) when (exception is SqliteException or IOException)
            {
                // The log only grows meanwhile; what the disk suffers from the writer meets as well.
                CheckpointFailed(exception, _file.Path);
            }
        }
    }

    /// <summary>Says how many pages the log has. Its file keeps its size when it is started anew, and is written over.</summary>
    private long Checkpoint(string mode)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"PRAGMA wal_checkpoint({mode})";
        using var result = command.ExecuteReader();
        return result.Read() ? result.GetInt64(1) : 0;
    }

    [LoggerMessage(LogLevel.Warning, "a checkpoint of the store failed, trying again")]
    private partial void CheckpointFailed(Exception exception, string path);
}
