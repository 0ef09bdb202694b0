using Microsoft.Data.Sqlite;
using Middleware.Events;
using Middleware.Storage.Sql;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <summary>The writer's connection to a SQLite file, and the care of its log between two transactions.</summary>
internal sealed class SqliteWriter : IStoreWriter
{
    private readonly StoreFile _file;
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _checkpoint;
    private volatile bool _startLogAnew;
    private volatile Action<bool>? _emptied;

    public SqliteWriter(StoreFile file, SqliteConnection connection)
    {
        (_file, _connection) = (file, connection);
        Connection = new SqliteSql(connection);
        Statements = new SqliteStatements(connection.Handle!);
        _begin = new SqliteStatement(connection.Handle!, "BEGIN IMMEDIATE");
        _commit = new SqliteStatement(connection.Handle!, "COMMIT");
        _rollback = new SqliteStatement(connection.Handle!, "ROLLBACK");
        _checkpoint = new SqliteStatement(connection.Handle!, "PRAGMA wal_checkpoint(PASSIVE)");
        LastSequence = ReadLastSequence();
    }

    public ISqlConnection Connection { get; }

    public IWriteStatements Statements { get; }

    public long LastSequence { get; }

    public long NextSequence(long last) => last + 1;

    /// <summary>
    /// Has the log written over from its start. Before the next transaction its last pages are moved into the database. Only the writer can do that
    /// without a wait for itself. SQLite waits for a taken lock in steps of up to 100 ms. Called on any thread.
    /// </summary>
    public void StartLogAnew() => _startLogAnew = true;

    /// <summary>
    /// Has the log's file emptied before the next transaction, and calls <paramref name="emptied"/>: false while a reader still reads from the log.
    /// Called on any thread.
    /// </summary>
    public void EmptyLog(Action<bool> emptied) => _emptied = emptied;

    public bool MustRebuild => false;

    public void Rebuild(EndpointRows endpoints) => endpoints.Rebuild(Connection);

    public void BeforeTransaction()
    {
        ThrowIfLost();
        if (_startLogAnew)
        {
            _startLogAnew = false;
            _checkpoint.Run();
        }

        if (_emptied is { } emptied)
        {
            _emptied = null;
            EmptyLogNow(emptied);
        }
    }

    public void Begin(WriteGroup group, EndpointRows endpoints) => _begin.Run();

    public void Commit(WriteTransaction transaction) => _commit.Run();

    public bool TryRollback()
    {
        if (sqlite3_get_autocommit(_connection.Handle) != 0)
        {
            return false;
        }

        _rollback.Run();
        return true;
    }

    /// <summary>The transaction is one, so one of its sequence numbers proves all of it.</summary>
    public bool IsCommitted(long after, long last) => last > after && ReadLastSequence() > after;

    /// <summary>Refuses writes to a file that was removed: they must not be answered with 200.</summary>
    public void ThrowIfLost()
    {
        if (!_file.IsStillTheOneOf(_connection))
        {
            throw new StoreUnavailableException("The store's file was removed or replaced.");
        }
    }

    public void RemoveCopies() => StoreFile.Execute(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");

    // There is one writer, and its waits are SQLite's own.
    public bool IsPassing(Exception exception) => false;

    public bool IsFaultOfARow(Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is SQLITE_CONSTRAINT or SQLITE_TOOBIG or SQLITE_MISMATCH or SQLITE_RANGE,
        StoreUnavailableException => false,
        _ => true,
    };

    public void Dispose()
    {
        IDisposable[] all = [_begin, _commit, _rollback, _checkpoint, Statements, Connection];
        Array.ForEach(all, static one => one.Dispose());
    }

    private void EmptyLogNow(Action<bool> emptied)
    {
        var isDone = false;
        try
        {
            isDone = TryEmptyLog();
        }
        finally
        {
            emptied(isDone);
        }
    }

    /// <summary>Moves the log's pages into the database and empties its file. False when a reader holds it up: the requests do not wait for that one.</summary>
    private bool TryEmptyLog()
    {
        sqlite3_busy_timeout(_connection.Handle, 0);
        try
        {
            using var empty = new SqliteStatement(_connection.Handle!, "PRAGMA wal_checkpoint(TRUNCATE)");
            return empty.Scalar() == 0;
        }
        finally
        {
            sqlite3_busy_timeout(_connection.Handle, StoreFile.BusyTimeoutMs);
        }
    }

    private long ReadLastSequence()
    {
        using var read = new SqliteStatement(
            _connection.Handle!,
            """
            SELECT MAX(
                (SELECT value FROM counters WHERE name = 'last_purged_seq'),
                COALESCE((SELECT MAX(seq) FROM events), 0),
                COALESCE((SELECT MAX(seq) FROM pending), 0))
            """);
        return read.Scalar()!.Value;
    }
}
