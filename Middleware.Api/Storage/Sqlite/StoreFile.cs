using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using ServiceDefaults;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// The database file of one process: <c>events.db</c> in the data folder or in a temporary one, and the lock that keeps a second process away.
/// </summary>
internal sealed class StoreFile : IDisposable
{
    /// <summary>The longest wait for another connection's lock.</summary>
    public const int BusyTimeoutMs = 5_000;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string FolderSetting = "DATA_DIR";
    private const string FullDisk = "The disk is full: make room.";

    private static readonly string TemporarySetting = OperatingSystem.IsWindows() ? "TMP" : "TMPDIR";

    private readonly FileStream _lock;
    private readonly TemporaryFolder? _temporary;

    private StoreFile(string folder, TemporaryFolder? temporary) =>
        (Path, _lock, _temporary) = (PathIn(folder), OpenOrCreate(LockIn(folder)), temporary);

    public string Path { get; }

    /// <summary>The setting that says where it is.</summary>
    public string Setting => _temporary is null ? FolderSetting : TemporarySetting;

    /// <summary>False when it was removed. A temporary file ends with the process in any case, so that one goes on with its open file.</summary>
    public bool IsThere => _temporary is not null || File.Exists(Path);

    /// <summary>True after a crash: a store that was closed has no log, or an empty one.</summary>
    public bool HasLog => new FileInfo(Path + "-wal") is { Exists: true, Length: > 0 };

    public static string PathIn(string folder) => System.IO.Path.Combine(folder, "events.db");

    public static string LockIn(string folder) => PathIn(folder) + ".lock";

    /// <summary>
    /// False when the file was removed or replaced, or its log was: writes go on in the open file, and are gone with the process.
    /// https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntlhasmoved
    /// </summary>
    public bool IsStillTheOneOf(SqliteConnection connection)
    {
        if (_temporary is not null)
        {
            return true;
        }

        const int HasMoved = 20;
        var known = FileControl(connection.Handle!, null, HasMoved, out var moved) == SQLITE_OK;
        return known ? moved == 0 && File.Exists(Path + "-wal") : IsThere;
    }

    /// <summary>The reason for which the store cannot be opened, in a line with the remedy.</summary>
    public StartRefusedException Refusal(SqliteException exception)
    {
        var advice = exception.SqliteErrorCode switch
        {
            SQLITE_NOTADB or SQLITE_CORRUPT => "The file is damaged or no store: restore a backup, or move it away to begin with an empty one.",
            SQLITE_FULL => FullDisk,

            // The text of SQLite for the index of its log, for which it asks the disk for room.
            SQLITE_IOERR when exception.SqliteExtendedErrorCode == SQLITE_IOERR_SHMSIZE => FullDisk,
            SQLITE_IOERR => "The disk cannot be read or written: look at the system's log.",
            SQLITE_BUSY or SQLITE_LOCKED => "Another program uses the file: end it.",
            _ => "Check that it is a file and that this process may write to it.",
        };
        return new StartRefusedException($"{Setting}: the store \"{Path}\" cannot be opened ({exception.Message.TrimEnd('.')}). {advice}", exception);
    }

    /// <summary>Takes the lock before anything else is touched; throws <see cref="StartRefusedException"/> when that cannot be.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="formatOf">Gives the format of the network file system that a folder is on; null for the system's own answer.</param>
    public static StoreFile Open(string folder, Func<string, string?>? formatOf = null)
    {
        try
        {
            CreateFolder(folder);
            if ((formatOf ?? NetworkFolder.FormatOf)(folder) is { } format)
            {
                throw new StartRefusedException(
                    $"{FolderSetting}: \"{folder}\" is on a network file system ({format}), on which SQLite may damage the store. Give a folder on a disk of this machine, or use PostgreSQL.");
            }

            return new StoreFile(folder, temporary: null).CreatePrivate();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Refusal(FolderSetting, folder, exception);
        }
    }

    /// <summary>A file of this process alone, which goes when it is disposed of; throws <see cref="StartRefusedException"/> when none can be created.</summary>
    public static StoreFile OpenTemporary()
    {
        TemporaryFolder? folder = null;
        try
        {
            folder = new TemporaryFolder();
            return new StoreFile(folder.Path, folder).CreatePrivate();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            folder?.Dispose();
            throw Refusal(TemporarySetting, System.IO.Path.GetTempPath(), exception);
        }
    }

    /// <summary>A connection for the one writer.</summary>
    public SqliteConnection OpenWriter()
    {
        var connection = Connect(SqliteOpenMode.ReadWriteCreate);
        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA cache_size = -16384");

        // Deleted rows are overwritten, so that no copy of the file has purged events. Of a temporary file there are no copies.
        Execute(connection, $"PRAGMA secure_delete = {(_temporary is null ? "ON" : "OFF")}");

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

    public void Dispose()
    {
        _lock.Dispose();
        _temporary?.Dispose();
    }

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FileControl(sqlite3 connection, string? database, int operation, out int result);

    /// <summary>
    /// Creates a new database for its owner alone. SQLite would let everybody read it; its log and the index of that get the mode of the database.
    /// </summary>
    private StoreFile CreatePrivate()
    {
        try
        {
            if (!System.IO.Path.Exists(Path))
            {
                OpenOrCreate(Path).Dispose();
            }

            return this;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Creates a folder; an existing one keeps its mode.</summary>
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

    /// <summary>Opens a file for this process alone; a new file is the owner's alone.</summary>
    private static FileStream OpenOrCreate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }

    /// <summary>The refusal for an error of a file, by the numbers of Linux (and macOS) and of Windows.</summary>
    private static StartRefusedException Refusal(string setting, string folder, Exception exception)
    {
        const int WouldBlock = 11, WouldBlockOnMac = 35, SharingViolation = unchecked((int)0x80070020);
        const int NoSpace = 28, QuotaExceeded = 122, NoSpaceOnWindows = unchecked((int)0x80070070);
        var reason = exception.HResult switch
        {
            WouldBlock or WouldBlockOnMac or SharingViolation =>
                $"the store in \"{folder}\" is in use by another process. Give each process a folder of its own: one store is for one process.",
            NoSpace or QuotaExceeded or NoSpaceOnWindows => $"no store can be created in \"{folder}\" ({exception.Message.TrimEnd('.')}). {FullDisk}",
            _ => $"\"{folder}\" cannot be written to ({exception.Message.TrimEnd('.')}). Give a folder in which this process may create files.",
        };
        return new StartRefusedException($"{setting}: {reason}", exception);
    }

    private SqliteConnection Connect(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {BusyTimeoutMs}"));

        // Every commit and checkpoint is flushed to the disk, unless nothing is to outlive the process.
        Execute(connection, $"PRAGMA synchronous = {(_temporary is null ? "FULL" : "OFF")}");
        return connection;
    }
}
