using System.Globalization;
using Npgsql;
using ServiceDefaults;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The session of a replica's writer. Its advisory locks say what the replica owns, and the same session commits its writes. While it lives nobody else has
/// these locks. Once it has ended nothing more of it can be committed.
/// </summary>
internal sealed class PostgresSession : IDisposable
{
    private const int Streams = 1;

    private static readonly TimeSpan LongestStatement = TimeSpan.FromSeconds(20);

    private readonly int _store;

    private PostgresSession(NpgsqlConnection connection, int store, int backend, PostgresClock clock, long lastSequence) =>
        (Connection, _store, Backend, Clock, LastSequence) = (connection, store, backend, clock, lastSequence);

    public NpgsqlConnection Connection { get; }

    /// <summary>The process of the server that serves the session.</summary>
    public int Backend { get; }

    /// <summary>The numbers of its stream, which no other session writes.</summary>
    public PostgresClock Clock { get; }

    /// <summary>The last number of the stream, of whichever session.</summary>
    public long LastSequence { get; }

    public bool IsOpen => Connection.State == System.Data.ConnectionState.Open;

    /// <summary>Opens a session and takes a stream: that of <paramref name="before"/>, once its session has ended, or a free one. Throws a <see cref="NpgsqlException"/>.</summary>
    public static PostgresSession Open(NpgsqlDataSource source, PostgresSettings settings, PostgresSession? before, TimeProvider clock)
    {
        var connection = source.OpenConnection();
        try
        {
            Configure(connection, settings);
            var store = (int)Number(connection, "SELECT 'store'::regclass::oid::int8");
            var stream = before is null ? TakeFreeStream(connection, store) : TakeStreamOf(connection, before);
            var backend = (int)Number(connection, "SELECT pg_backend_pid()");
            var serverTime = DateTimeOffset.UnixEpoch.AddTicks(Number(connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8") * TimeSpan.TicksPerMicrosecond);
            var last = Number(connection, $"SELECT coalesce(max(last), 0) FROM commits WHERE stream = {stream}");
            return new PostgresSession(connection, store, backend, new PostgresClock(clock, serverTime, stream), last);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Dispose() => Connection.Dispose();

    /// <summary>Ends what the server would keep for long of a session whose client is gone, and flushes each commit.</summary>
    private static void Configure(NpgsqlConnection connection, PostgresSettings settings)
    {
        var idle = (long)settings.AdoptAfter.TotalMilliseconds;
        Execute(connection, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SET idle_session_timeout = {idle};
            SET idle_in_transaction_session_timeout = {idle / 2};
            SET statement_timeout = {(long)LongestStatement.TotalMilliseconds};
            SET client_connection_check_interval = '1s';
            SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
            SET synchronous_commit = on;
            SET application_name = '{settings.ReplicaName.Replace("'", "''", StringComparison.Ordinal)}'
            """));
    }

    private static int TakeFreeStream(NpgsqlConnection connection, int store)
    {
        for (var stream = 0; stream < PostgresClock.Streams; stream++)
        {
            if (IsTrue(connection, $"SELECT pg_try_advisory_lock({store}, {Key(Streams, stream)})"))
            {
                return stream;
            }
        }

        throw new StartRefusedException($"ConnectionStrings__events: {PostgresClock.Streams} replicas run on this database already, which is the most. Stop one of them.");
    }

    /// <summary>Takes the stream of a session that broke, which proves that nothing of it can be committed any more.</summary>
    private static int TakeStreamOf(NpgsqlConnection connection, PostgresSession before)
    {
        // It may wait for its client for long; it is of the same role.
        Execute(connection, $"SELECT pg_terminate_backend({before.Backend}) WHERE EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = {before.Backend} AND classid::int8 = {(uint)before._store})");
        Execute(connection, $"SELECT pg_advisory_lock({before._store}, {Key(Streams, before.Clock.Stream)})");
        return before.Clock.Stream;
    }

    private static int Key(int kind, int number) => (kind << 16) | number;

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static long Number(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static bool IsTrue(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar() is true;
    }
}
