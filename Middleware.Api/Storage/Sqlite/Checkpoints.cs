using Microsoft.Data.Sqlite;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// Moves committed pages from the write-ahead log into the database, on a thread and a connection of its own. Inside a commit it would be the longest
/// of all waits.
/// </summary>
internal sealed partial class Checkpoints : IDisposable
{
    // Often and little: a commit's flush waits for the disk behind the checkpoint's.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>The pages from which the log is started anew (64 MiB).</summary>
    private const long PagesToRestart = 16_384;

    private readonly ManualResetEventSlim _end = new();
    private readonly StoreFile _file;
    private readonly SqliteConnection _connection;
    private readonly Action _startLogAnew;
    private readonly Action<Action<bool>> _emptyLog;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private bool _isFailing;
    private volatile bool _isToEmpty;

    /// <param name="file">The store.</param>
    /// <param name="startLogAnew">Asks the writer to do so before its next transaction.</param>
    /// <param name="emptyLog">The same for emptying its file; the writer reports the result.</param>
    /// <param name="logger">Logs failures.</param>
    public Checkpoints(StoreFile file, Action startLogAnew, Action<Action<bool>> emptyLog, ILogger logger)
    {
        _file = file;
        _startLogAnew = startLogAnew;
        _emptyLog = emptyLog;
        _logger = logger;
        _connection = file.OpenCheckpointer();
        _thread = new Thread(Run) { IsBackground = true, Name = "Store checkpoints" };
    }

    public void Start() => _thread.Start();

    /// <summary>Has the log emptied when its pages are moved next; as often as it takes, since a reader may hold it up.</summary>
    public void EmptyLog() => _isToEmpty = true;

    /// <summary>Moves the committed pages. Of failures one after the other the first is logged.</summary>
    public void Move()
    {
        try
        {
            if (Checkpoint() >= PagesToRestart)
            {
                // The writer is left only the pages that it writes during this one.
                Checkpoint();
                _startLogAnew();
            }

            if (_isToEmpty)
            {
                _isToEmpty = false;
                _emptyLog(Emptied);
            }

            _isFailing = false;
        }
        catch (Exception exception) when (exception is SqliteException or IOException)
        {
            // The log only grows meanwhile; the writer meets any trouble of the disk as well.
            if (!_isFailing)
            {
                CheckpointFailed(exception, _file.Path);
            }

            _isFailing = true;
        }
    }

    public void Dispose()
    {
        _end.Set();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _end.Dispose();
        _connection.Dispose();
    }

    private void Emptied(bool isDone) => _isToEmpty |= !isDone;

    private void Run()
    {
        while (!_end.Wait(Interval))
        {
            Move();
        }
    }

    /// <summary>Returns the number of the log's pages. Its file keeps its size when it is started anew, and is written over.</summary>
    private long Checkpoint()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using var result = command.ExecuteReader();
        return result.Read() ? result.GetInt64(1) : 0;
    }

    [LoggerMessage(LogLevel.Warning, "checkpoints of the store fail, trying again")]
    private partial void CheckpointFailed(Exception exception, string path);
}
