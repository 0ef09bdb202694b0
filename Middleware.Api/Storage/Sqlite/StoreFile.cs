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

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string FullDisk = "The disk is full: make room.";

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
            SQLITE_FULL => FullDisk,

            // What SQLite says of the index of its log, for which it asks the disk for room.
            SQLITE_IOERR when exception.SqliteExtendedErrorCode == SQLITE_IOERR_SHMSIZE => FullDisk,
            SQLITE_IOERR => "The disk cannot be read or written: look at the system's log.",
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
            CreateFolder(folder);
            var file = new StoreFile(path, OpenOrCreate(path + ".lock"));
            file.CreatePrivate();
            return file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refusal(folder, exception);
        }
    }

    /// <summary>A connection for the one writer: every commit is flushed to the disk.</summary>
    public SqliteConnection OpenWriter()
    {
        var connection = Connect(SqliteOpenMode.ReadWriteCreate);
        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA synchronous = FULL");
        Execute(connection, "PRAGMA cache_size = -16384");

        // What is deleted is overwritten, so that no copy of the file has what was purged.
        Execute(connection, "PRAGMA secure_delete = ON");

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

    /// <summary>SQLite would let everybody read a new database; its log and the index of that get the mode of the database.</summary>
    private void CreatePrivate()
    {
        if (System.IO.Path.Exists(Path))
        {
            return;
        }

        try
        {
            OpenOrCreate(Path).Dispose();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>A folder that is there keeps its mode.</summary>
    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Opens a file for this process alone; what is created is the owner's alone.</summary>
    private static FileStream OpenOrCreate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    /// <summary>Which of the errors of a file this is, by the numbers of Linux (and macOS) and of Windows.</summary>
    private static StartRefusedException Refusal(string folder, Exception exception)
    {
        const int WouldBlock = 11, WouldBlockOnMac = 35, SharingViolation = unchecked((int)0x80070020);
        const int NoSpace = 28, QuotaExceeded = 122, NoSpaceOnWindows = unchecked((int)0x80070070);
        var reason = exception.HResult switch
        {
            WouldBlock or WouldBlockOnMac or SharingViolation =>
                $"the store in \"{folder}\" is in use by another process. Give each process a folder of its own; several processes on one store need PostgreSQL.",
            NoSpace or QuotaExceeded or NoSpaceOnWindows => $"no store can be created in \"{folder}\" ({exception.Message.TrimEnd('.')}). {FullDisk}",
            _ => $"\"{folder}\" cannot be written to ({exception.Message.TrimEnd('.')}). Give a folder in which this process may create files.",
        };
        return new StartRefusedException($"DATA_DIR: {reason}", exception);
    }

    private SqliteConnection Connect(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA busy_timeout = 5000");
        return connection;
    }
}
