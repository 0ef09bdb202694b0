using System.Text;
using Microsoft.Data.Sqlite;
using Middleware.Storage.Sql;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Middleware.Storage.Sqlite;

/// <summary>A SQLite connection for the SQL of the store; owned.</summary>
internal sealed class SqliteSql(SqliteConnection connection) : ISqlConnection
{
    public bool HasReplicas => false;

    public SqlStatement Prepare(string sql) => new SqliteStatement(connection.Handle!, sql);

    public void LockForTransaction(string part)
    {
        // There is one writer.
    }

    public IDisposable BeginSnapshot() => connection.BeginTransaction(deferred: true);

    public void Dispose() => connection.Dispose();
}

/// <summary>
/// A prepared statement of SQLite, and the row at which it stands. The writer's statements run for every event. The provider's commands, with a
/// parameter object and a boxed value for each column, cost as much there as SQLite does.
/// </summary>
internal sealed class SqliteStatement : SqlStatement, ISqlRow
{
    private const int StackBytes = 512;

    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 connection, string sql)
    {
        _connection = connection;
        Check(sqlite3_prepare_v3(connection, sql, SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public override int Changes => sqlite3_changes(_connection);

    public override SqliteStatement Bind(int parameter, long? value)
    {
        Check(value is { } number ? sqlite3_bind_int64(_statement, parameter, number) : sqlite3_bind_null(_statement, parameter));
        return this;
    }

    public override SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        Check(sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    public override SqliteStatement Bind(int parameter, string? value)
    {
        if (value is null)
        {
            Check(sqlite3_bind_null(_statement, parameter));
            return this;
        }

        var length = Encoding.UTF8.GetMaxByteCount(value.Length);
        var buffer = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        Check(sqlite3_bind_text(_statement, parameter, buffer[..Encoding.UTF8.GetBytes(value, buffer)]));
        return this;
    }

    public override SqliteStatement BindNullBlob(int parameter) => Bind(parameter, (long?)null);

    public override void Run()
    {
        var result = sqlite3_step(_statement);
        sqlite3_reset(_statement);
        if (result is not (SQLITE_DONE or SQLITE_ROW))
        {
            Check(result);
        }
    }

    public override long? Scalar()
    {
        var result = sqlite3_step(_statement);
        long? value = result == SQLITE_ROW && !IsNull(0) ? Number(0) : null;
        sqlite3_reset(_statement);
        if (result is not (SQLITE_DONE or SQLITE_ROW))
        {
            Check(result);
        }

        return value;
    }

    public override bool While(Func<ISqlRow, bool> read)
    {
        int result;
        try
        {
            do
            {
                result = sqlite3_step(_statement);
            }
            while (result == SQLITE_ROW && read(this));
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

    public bool IsNull(int column) => sqlite3_column_type(_statement, column) == SQLITE_NULL;

    public long Number(int column) => sqlite3_column_int64(_statement, column);

    public string? Text(int column) => sqlite3_column_text(_statement, column).utf8_to_string();

    public ReadOnlySpan<byte> Blob(int column) => sqlite3_column_blob(_statement, column);

    public override void Dispose() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != SQLITE_OK)
        {
            var message = sqlite3_errmsg(_connection).utf8_to_string();
            throw new SqliteException(message, result & 0xff, sqlite3_extended_errcode(_connection));
        }
    }
}
