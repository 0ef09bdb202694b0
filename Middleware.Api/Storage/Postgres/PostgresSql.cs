using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Middleware.Storage.Sql;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>A PostgreSQL connection for the SQL of the store. One that broke is opened anew by the next statement.</summary>
/// <param name="open">Opens a connection.</param>
/// <param name="beforeRun">Called before each run of a statement; null for nothing.</param>
internal sealed partial class PostgresSql(Func<NpgsqlConnection> open, Action? beforeRun = null) : ISqlConnection
{
    /// <summary>
    /// Settings of a session that finds rows by their keys. The planner would scan the table of pending deliveries while that is small. It would keep that plan, while the table
    /// grows within seconds. Nor need a statement be planned anew for each array of keys.
    /// </summary>
    public const string ByKeys = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off; SET plan_cache_mode = force_generic_plan";

    private static readonly ConcurrentDictionary<string, string> Translated = [];

    private readonly Lock _use = new();
    private NpgsqlConnection? _connection;
    private bool _isClosed;

    public bool HasReplicas => true;

    public SqlStatement Prepare(string sql) => new PostgresStatement(this, Translated.GetOrAdd(sql, Translate));

    public void LockForTransaction(string part)
    {
        using var take = Prepare("SELECT pg_advisory_xact_lock(hashtext('aspire-integration.' || ?1))");
        take.Bind(1, part).Run();
    }

    public IDisposable BeginSnapshot() => Connection().BeginTransaction(System.Data.IsolationLevel.RepeatableRead);

    /// <summary>Keeps the connection open until it is disposed of.</summary>
    public Lock.Scope Use() => _use.EnterScope();

    /// <summary>The connection, for a run of a statement.</summary>
    public NpgsqlConnection Begin()
    {
        // The answer would wait for the thread that waits for it: see docs/decisions/0007-inline-sockets.md.
        Debug.Assert(Thread.CurrentThread.Name != ".NET Sockets", "A thread that waits for all sockets must not wait for the database.");
        beforeRun?.Invoke();
        return Connection();
    }

    /// <summary>
    /// Closes the connection after a read that is under way: a lane reads on while the store is closed. One that gets no answer is left to the end of the process.
    /// It is waited for once: the container disposes of a store for each service that it is.
    /// </summary>
    public void Dispose()
    {
        if (!Interlocked.Exchange(ref _isClosed, true) && _use.TryEnter(BesideTheWriter.Longest))
        {
            _connection?.Dispose();
            _use.Exit();
        }
    }

    /// <summary>Numbers parameters as PostgreSQL does, and drops the hints to SQLite's planner.</summary>
    public static string Translate(string sql) => Join().Replace(IndexedBy().Replace(Parameter().Replace(sql, "$$$1"), ""), "JOIN $1 ON");

    private NpgsqlConnection Connection()
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_connection is { State: not System.Data.ConnectionState.Open })
        {
            _connection.Dispose();
            _connection = null;
        }

        return _connection ??= open();
    }

    [GeneratedRegex(@"\?(\d+)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"INDEXED BY \w+")]
    private static partial Regex IndexedBy();

    [GeneratedRegex(@"CROSS JOIN (\w+ \w+) ON")]
    private static partial Regex Join();
}
