using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using ServiceDefaults;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <summary>The database file of one process: <c>events.db</c> in the data folder, and the lock that keeps a second process away.</summary>
internal sealed class StoreFile : IDisposable
{
    private readonly FileStream _lock;

    private StoreFile(string path, FileStream fileLock) => (Path, _lock) = (path, fileLock);

    public string Path { get; }

    public bool IsThere => File.Exists(Path);

    /// <summary>
    /// False when the file was removed or replaced, or its log was: writing goes on in what was opened, and is gone with the process.
    /// https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntlhasmoved
    /// </summary>
    public bool IsStillTheOneOf(SqliteConnection connection)
    {
        const int HasMoved = 20;
        var known = FileControl(connection.Handle!, null, HasMoved, out var moved) == SQLITE_OK;
        return known ? moved == 0 && File.Exists(Path + "-wal") : IsThere;
    }

    /// <summary>Why the store cannot be opened, in a line that says what to do.</summary>
    public StartRefusedException Refusal(SqliteException exception)
    {
        var advice = exception.SqliteErrorCode switch
        {
            SQLITE_NOTADB or SQLITE_CORRUPT => "The file is damaged or no store: restore a backup, or move it away to begin with an empty one.",
            SQLITE_FULL => "The disk is full: make room.",
            SQLITE_BUSY or SQLITE_LOCKED => "Another program uses the file: end it.",
            _ => "Check that it is a file and that this process may write to it.",
        };
        return new StartRefusedException($"DATA_DIR: the store \"{Path}\" cannot be opened ({exception.Message.TrimEnd('.')}). {advice}", exception);
    }

    /// <summary>Takes the lock before anything else is touched; throws <see cref="StartRefusedException"/> when that cannot be.</summary>
    public static StoreFile Open(string folder)
    {
        var path = System.IO.Path.Combine(folder, "events.db");
        try
        {
            Directory.CreateDirectory(folder);
            return new StoreFile(path, new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartRefusedException($"DATA_DIR: \"{folder}\" cannot be written to: {exception.Message}", exception);
        }
        catch (IOException exception)
        {
            throw new StartRefusedException(
                $"DATA_DIR: the store in \"{folder}\" is in use by another process or cannot be opened ({exception.Message}). "
                + "Give each process a folder of its own; several processes on one store need PostgreSQL.",
                exception);
        }
    }

    /// <summary>A connection for the one writer: every commit is flushed to the disk.</summary>
    public SqliteConnection OpenWriter()
    {
        var connection = Connect(SqliteOpenMode.ReadWriteCreate);
        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA synchronous = FULL");
        Execute(connection, "PRAGMA cache_size = -16384");

        // Checkpoints run beside the commits, not in them: see Checkpoints.
        Execute(connection, "PRAGMA wal_autocheckpoint = 0");
        return connection;
    }

    public SqliteConnection OpenReader()
    {
        var connection = Connect(SqliteOpenMode.ReadWrite);
        Execute(connection, "PRAGMA query_only = ON");
        return connection;
    }

    public SqliteConnection OpenCheckpointer() => Connect(SqliteOpenMode.ReadWrite);

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public void Dispose() => _lock.Dispose();

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(sqlite3 connection, string? database, int operation, out int result);

    private SqliteConnection Connect(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA busy_timeout = 5000");
        return connection;
    }
}
