using System.Globalization;
using Middleware.Storage.Postgres;
using Middleware.Storage.Sql;
using Npgsql;
using ServiceDefaults;

namespace Middleware.Storage.Copying;

/// <summary>
/// The database of a copy. Until the copy is whole, the table <c>store_copy</c> has its source, and no service starts on the database. Its table
/// <c>store_copy_rows</c> has the number of rows that are copied.
/// </summary>
internal sealed class CopyTarget
{
    private const string RowsTable = PostgresSchema.CopyTable + "_rows";

    // Another run of the command may have been killed just now, and the server is about to notice.
    private const string LockTimeout = "10s";

    private readonly NpgsqlConnection _connection;
    private readonly string _place;

    private CopyTarget(NpgsqlConnection connection, string place) => (_connection, _place) = (connection, place);

    public NpgsqlConnection Connection => _connection;

    public string Place => _place;

    /// <summary>The time at which the copy was begun.</summary>
    public DateTimeOffset BegunAt { get; private set; }

    /// <summary>Begins a copy in an empty database, or goes on with one of the same source. Throws <see cref="StartRefusedException"/> for another database.</summary>
    public static CopyTarget Open(NpgsqlConnection connection, string place, string fingerprint)
    {
        var target = new CopyTarget(connection, place);
        PostgresSchema.ThrowIfTooOld(connection, place);
        target.TakeLock();
        PostgresSchema.Locked(connection, () =>
        {
            if (!PostgresSchema.HasUnfinishedCopy(connection))
            {
                target.Begin(fingerprint);
            }
            else if (target.Scalar($"SELECT source FROM {PostgresSchema.CopyTable}") is not string source || source != fingerprint)
            {
                throw new StartRefusedException(
                    $"{PostgresSettings.Name}: \"{place}\" holds an unfinished copy of another store, or of this one before it was used again. Copy into an empty database.");
            }

            PostgresSchema.Update(connection, place, PostgresSchema.Scripts);
        });
        target.BegunAt = StoredTime.To((long)target.Scalar($"SELECT begun_at FROM {PostgresSchema.CopyTable}")!);

        // A commit that is lost with the server is copied again; the last one is flushed with all before it.
        target.Execute("SET synchronous_commit = off");
        return target;
    }

    /// <summary>The number of a table's rows that are copied.</summary>
    public long RowsOf(CopiedTable table) => Scalar($"SELECT rows FROM {RowsTable} WHERE name = '{table.Name}'") is long rows ? rows : 0;

    /// <summary>Notes rows of a table as copied, in the transaction that copies them.</summary>
    public void Note(CopiedTable table, long rows) => Execute(string.Create(
        CultureInfo.InvariantCulture,
        $"INSERT INTO {RowsTable} (name, rows) VALUES ('{table.Name}', {rows}) ON CONFLICT (name) DO UPDATE SET rows = excluded.rows"));

    /// <summary>Has the server plan by the rows that are there.</summary>
    public void Analyze() => Execute("ANALYZE");

    /// <summary>Has the service go on above all numbers of the copy, and start.</summary>
    public void Finish(CopySource source, long lastSequence)
    {
        using var transaction = _connection.BeginTransaction();
        Execute("SET LOCAL synchronous_commit = on");
        Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO commits (stream, number) VALUES (0, {lastSequence})"));
        foreach (var table in CopiedTable.All.Where(static table => table.IsNumbered))
        {
            if (source.LastNumber(table) is > 0 and var last)
            {
                Execute(string.Create(CultureInfo.InvariantCulture, $"SELECT setval(pg_get_serial_sequence('{table.Name}', 'no'), {last})"));
            }
        }

        Execute($"DROP TABLE {PostgresSchema.CopyTable}, {RowsTable}");
        transaction.Commit();
    }

    public void Execute(string sql)
    {
        using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }

    /// <summary>Keeps a second run away, until the session ends.</summary>
    private void TakeLock()
    {
        try
        {
            Execute($"SET lock_timeout = '{LockTimeout}'");
            Execute("SELECT pg_advisory_lock(hashtext('aspire-integration.copy'))");
            Execute("SET lock_timeout = 0");
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StartRefusedException($"{PostgresSettings.Name}: another run of the command copies into \"{_place}\". Let it end.", exception);
        }
    }

    private void Begin(string fingerprint)
    {
        // What extensions have brought is nobody's data.
        if (Scalar(
            """
            SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
            ORDER BY c.relname LIMIT 1
            """) is string found)
        {
            throw new StartRefusedException($"{PostgresSettings.Name}: \"{_place}\" is not empty: it has \"{found}\". Copy into an empty database; this one stays as it is.");
        }

        using var transaction = _connection.BeginTransaction();
        Execute($"CREATE TABLE {RowsTable} (name TEXT PRIMARY KEY, rows BIGINT NOT NULL)");
        Execute($"CREATE TABLE {PostgresSchema.CopyTable} (source TEXT NOT NULL, begun_at BIGINT NOT NULL)");
        using var note = new NpgsqlCommand($"INSERT INTO {PostgresSchema.CopyTable} VALUES ($1, (extract(epoch FROM clock_timestamp()) * 1000000)::int8)", _connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = fingerprint } },
        };
        note.ExecuteNonQuery();
        transaction.Commit();
    }

    private object? Scalar(string sql)
    {
        using var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
        return command.ExecuteScalar();
    }
}
