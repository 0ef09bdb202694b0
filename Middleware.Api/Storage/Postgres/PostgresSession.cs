using System.Globalization;
using Middleware.Events;
using Npgsql;
using ServiceDefaults;

namespace Middleware.Storage.Postgres;

/// <summary>
/// The session of a replica's writer. Its advisory locks say what the replica owns, and the same session commits its writes. While it lives nobody else has
/// these locks. Once it has ended nothing more of it can be committed.
/// </summary>
internal sealed class PostgresSession : IDisposable
{
    private const string Shared =
        "PgBouncer or another pooler in transaction mode is between the service and the server, and shares the session out. Connect to the server, or to a pool in session mode.";

    private static readonly TimeSpan LongestStatement = TimeSpan.FromSeconds(20);

    private readonly int _store;
    private readonly PostgresSettings _settings;

    private PostgresSession(NpgsqlConnection connection, PostgresSettings settings, int store, int backend, PostgresClock clock, long lastSequence) =>
        (Connection, _settings, _store, Backend, Clock, LastSequence) = (connection, settings, store, backend, clock, lastSequence);

    public NpgsqlConnection Connection { get; }

    /// <summary>The process of the server that serves the session.</summary>
    public int Backend { get; }

    /// <summary>The numbers of its stream, which no other session writes.</summary>
    public PostgresClock Clock { get; }

    /// <summary>The last number of the stream, of whichever session.</summary>
    public long LastSequence { get; }

    /// <summary>True from the time at which its replica joins the members until it leaves them. The next session of a replica goes on as the last.</summary>
    public bool IsMember { get; private set; }

    public bool IsOpen => Connection.State == System.Data.ConnectionState.Open;

    /// <summary>Opens the session of a start. Throws <see cref="StartRefusedException"/> for one that others share, or a <see cref="NpgsqlException"/>.</summary>
    public static PostgresSession OpenFirst(NpgsqlMultiHostDataSource sessions, PostgresSettings settings, TimeProvider clock)
    {
        var session = Open(sessions, settings, before: null, clock);
        try
        {
            session.ThrowIfShared(sessions);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Opens a session and takes a stream: that of <paramref name="before"/>, once its session has ended, or a free one. Throws a <see cref="NpgsqlException"/>.</summary>
    public static PostgresSession Open(NpgsqlMultiHostDataSource sessions, PostgresSettings settings, PostgresSession? before, TimeProvider clock)
    {
        // A session that broke has its server taken for one that is not there.
        sessions.ClearDatabaseStates();
        var connection = sessions.OpenConnection(TargetSessionAttributes.ReadWrite);
        try
        {
            Configure(connection, settings);
            var store = (int)Number(connection, "SELECT 'store'::regclass::oid::int8");
            var stream = before is null ? TakeFreeStream(connection, store) : TakeStreamOf(connection, before);
            var backend = (int)Number(connection, "SELECT pg_backend_pid()");
            var last = Number(connection, $"SELECT coalesce(max(number), 0) FROM commits WHERE stream = {stream}");
            var time = PostgresClock.Read(() => TimeOf(connection), clock, stream);
            (clock as ServerTime)?.Follow(time);
            var session = new PostgresSession(connection, settings, store, backend, time, last);
            return before is { IsMember: true } ? session.Join() : session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Throws <see cref="StartRefusedException"/> when another client may be served by the same process of the server: its locks would be those of both.</summary>
    public void ThrowIfShared(NpgsqlMultiHostDataSource sessions)
    {
        // A pooler serves a transaction by whichever process is free: by that of this session, or this session then by another.
        using var other = sessions.OpenConnection(TargetSessionAttributes.ReadWrite);
        using var transaction = other.BeginTransaction();
        if (Number(other, "SELECT pg_backend_pid()") == Backend || Number(Connection, "SELECT pg_backend_pid()") != Backend || !IsStreamHeld(Owners.Read(Connection, Backend)))
        {
            throw new StartRefusedException($"{PostgresSettings.Name}: {Shared}");
        }
    }

    /// <summary>Reads who is there and who owns what, and ends the sessions of replicas that do not answer any more.</summary>
    public Owners ReadOwners()
    {
        // The server ends an idle session by itself. One that stopped in the middle of a message it does not.
        Execute(
            Connection,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
                WHERE {SessionLocks.GrantedOf(SessionLocks.Members, 0)} AND a.pid <> {Backend} AND (a.state LIKE 'idle%' OR a.wait_event = 'ClientRead')
                    AND clock_timestamp() - a.state_change > interval '{(long)_settings.AdoptAfter.TotalMilliseconds} milliseconds'
                """));
        var owners = Owners.Read(Connection, Backend);
        return IsStreamHeld(owners) ? owners : throw new StoreUnavailableException($"The store cannot be used: {Shared}");
    }

    /// <summary>
    /// Joins the members, among which the slots are shared. From now on the server ends the session when it is silent for <c>ADOPT_AFTER</c>. In a
    /// transaction half of that is enough. A start may take longer.
    /// </summary>
    public PostgresSession Join()
    {
        var adoptAfter = (long)_settings.AdoptAfter.TotalMilliseconds;
        Execute(Connection, string.Create(CultureInfo.InvariantCulture, $"SET idle_session_timeout = {adoptAfter}; SET idle_in_transaction_session_timeout = {adoptAfter / 2}"));
        Execute(Connection, $"SELECT pg_advisory_lock_shared({_store}, {SessionLocks.Key(SessionLocks.Members, 0)})");
        IsMember = true;
        return this;
    }

    /// <summary>Leaves the members: the others take over what it owns as soon as that is free.</summary>
    public bool LeaveMembers()
    {
        IsMember = false;
        return IsTrue(Connection, $"SELECT pg_advisory_unlock_shared({_store}, {SessionLocks.Key(SessionLocks.Members, 0)})");
    }

    /// <summary>Asks the server for anything, so that the session is not silent.</summary>
    public bool Ping() => IsTrue(Connection, "SELECT true");

    /// <summary>Takes those of some slots that are free, and returns them.</summary>
    public int[] TakeSlots(int[] slots) => slots.Length == 0 ? [] : Each("pg_try_advisory_lock", slots);

    /// <summary>Frees slots.</summary>
    public int[] FreeSlots(int[] slots) => Each("pg_advisory_unlock", slots);

    /// <summary>Ends a transaction that failed. Where the session has ended the server has ended it.</summary>
    public void Rollback()
    {
        try
        {
            if (IsOpen)
            {
                Execute(Connection, "ROLLBACK");
            }
        }
        catch (NpgsqlException) when (!IsOpen)
        {
            // It has ended now.
        }
    }

    public void Dispose() => Connection.Dispose();

    private bool IsStreamHeld(Owners owners) => owners.OfStreams[Clock.Stream] == Backend;

    private int[] Each(string function, int[] slots)
    {
        using var command = new NpgsqlCommand($"SELECT slot FROM unnest($1) AS slot WHERE {function}({_store}, {SessionLocks.Key(SessionLocks.Slots, 0)} + slot)", Connection)
        {
            Parameters = { new NpgsqlParameter<int[]> { TypedValue = slots } },
        };
        using var reader = command.ExecuteReader();
        var done = new List<int>();
        while (reader.Read())
        {
            done.Add(reader.GetInt32(0));
        }

        return [.. done];
    }

    /// <summary>Ends what the server would keep for long of a session whose client is gone, and flushes each commit.</summary>
    private static void Configure(NpgsqlConnection connection, PostgresSettings settings)
    {
        Execute(connection, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            SET idle_in_transaction_session_timeout = {(long)LongestStatement.TotalMilliseconds};
            SET statement_timeout = {(long)LongestStatement.TotalMilliseconds};
            SET client_connection_check_interval = '1s';
            SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
            SET synchronous_commit = on;
            {PostgresSql.ByKeys};
            SET application_name = '{settings.ReplicaName.Replace("'", "''", StringComparison.Ordinal)}'
            """));
    }

    /// <summary>Takes a free stream, preferably one that nobody has used lately: its last user may come back for it.</summary>
    private static int TakeFreeStream(NpgsqlConnection connection, int store)
    {
        foreach (var stream in Numbers(connection, $"SELECT s FROM generate_series(0, {PostgresClock.Streams - 1}) AS s ORDER BY EXISTS (SELECT 1 FROM commits WHERE stream = s), s"))
        {
            if (IsTrue(connection, $"SELECT pg_try_advisory_lock({store}, {SessionLocks.Key(SessionLocks.Streams, stream)})"))
            {
                return stream;
            }
        }

        throw new StartRefusedException($"ConnectionStrings__events: {PostgresClock.Streams} replicas run on this database already, which is the most. Stop one of them.");
    }

    /// <summary>
    /// Takes the stream of a session that broke, which proves that nothing of it can be committed any more. Where another replica has taken it meanwhile, that is proved
    /// too, and it takes another.
    /// </summary>
    private static int TakeStreamOf(NpgsqlConnection connection, PostgresSession before)
    {
        var stream = before.Clock.Stream;
        var holder = Numbers(connection, $"SELECT l.pid FROM pg_locks l WHERE {SessionLocks.GrantedOf(SessionLocks.Streams, stream)}");
        if (holder is [var other] && other != before.Backend)
        {
            return TakeFreeStream(connection, before._store);
        }

        if (holder is [var old])
        {
            // It may wait for its client for long; it is of the same role.
            Execute(connection, $"SELECT pg_terminate_backend({old})");
        }

        Execute(connection, $"SELECT pg_advisory_lock({before._store}, {SessionLocks.Key(SessionLocks.Streams, stream)})");
        return stream;
    }

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

    private static List<int> Numbers(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        using var reader = command.ExecuteReader();
        var numbers = new List<int>();
        while (reader.Read())
        {
            numbers.Add(reader.GetInt32(0));
        }

        return numbers;
    }

    private static DateTimeOffset TimeOf(NpgsqlConnection connection) =>
        DateTimeOffset.UnixEpoch.AddTicks(Number(connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::int8") * TimeSpan.TicksPerMicrosecond);

    private static bool IsTrue(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar() is true;
    }
}
