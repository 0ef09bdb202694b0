using System.Text;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// A prepared statement that is bound and run again and again. The writer's statements run for every event. The provider's commands, with a parameter
/// object and a boxed value for each column, cost as much there as SQLite does.
/// </summary>
internal sealed class Statement : IDisposable
{
    private const int StackBytes = 512;

    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public Statement(sqlite3 connection, string sql)
    {
        _connection = connection;
        Check(sqlite3_prepare_v3(connection, sql, SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Rows that the last run changed.</summary>
    public int Changes => sqlite3_changes(_connection);

    public Statement Bind(int parameter, long value)
    {
        Check(sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, long? value) => value is { } number ? Bind(parameter, number) : BindNull(parameter);

    public Statement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        Check(sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    public Statement Bind(int parameter, string? value)
    {
        if (value is null)
        {
            return BindNull(parameter);
        }

        var length = Encoding.UTF8.GetMaxByteCount(value.Length);
        var buffer = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        Check(sqlite3_bind_text(_statement, parameter, buffer[..Encoding.UTF8.GetBytes(value, buffer)]));
        return this;
    }

    public Statement BindNull(int parameter)
    {
        Check(sqlite3_bind_null(_statement, parameter));
        return this;
    }

    /// <summary>Runs to the end and is ready to be bound again, also when it failed.</summary>
    public void Run()
    {
        var result = sqlite3_step(_statement);
        sqlite3_reset(_statement);
        if (result is not (SQLITE_DONE or SQLITE_ROW))
        {
            Check(result);
        }
    }

    /// <summary>The first column of the first row; null when there is no row.</summary>
    public long? Scalar()
    {
        var result = sqlite3_step(_statement);
        long? value = result == SQLITE_ROW ? sqlite3_column_int64(_statement, 0) : null;
        sqlite3_reset(_statement);
        if (result is not (SQLITE_DONE or SQLITE_ROW))
        {
            Check(result);
        }

        return value;
    }

    /// <summary>Hands each row to <paramref name="read"/>.</summary>
    public void ForEach(Action<sqlite3_stmt> read) => While(row =>
    {
        read(row);
        return true;
    });

    /// <summary>Hands rows to <paramref name="read"/> until it wants no more; false when there were no more.</summary>
    public bool While(Func<sqlite3_stmt, bool> read)
    {
        int result;
        try
        {
            do
            {
                result = sqlite3_step(_statement);
            }
            while (result == SQLITE_ROW && read(_statement));
        }
        finally
        {
            sqlite3_reset(_statement);
        }

        if (result is not (SQLITE_DONE or SQLITE_ROW))
        {
            Check(result);
        }

        return result == SQLITE_ROW;
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != SQLITE_OK)
        {
            var message = sqlite3_errmsg(_connection).utf8_to_string();
            throw new Microsoft.Data.Sqlite.SqliteException(message, result & 0xff, sqlite3_extended_errcode(_connection));
        }
    }
}
