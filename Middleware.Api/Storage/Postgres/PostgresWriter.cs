using Middleware.Events;
using Middleware.Storage.Sql;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>The writer's session, opened anew when it broke. A group is one batch of commands, in which the last commits.</summary>
internal sealed class PostgresWriter : IStoreWriter
{
    private readonly NpgsqlDataSource _source;
    private readonly PostgresSettings _settings;
    private readonly TimeProvider _clock;
    private readonly PostgresSql _connection;
    private readonly PostgresStatements _statements;
    private PostgresSession _session;
    private NpgsqlTransaction? _transaction;
    private DateTimeOffset _partitionedUntil;
    private long _group;
    private bool _isCommitSent;

    public PostgresWriter(NpgsqlDataSource source, PostgresSettings settings, TimeProvider clock)
    {
        (_source, _settings, _clock) = (source, settings, clock);
        _session = PostgresSession.Open(source, settings, before: null, clock);
        _connection = new PostgresSql(() => _session.Connection, Send);
        _statements = new PostgresStatements(_connection);
        LastSequence = _session.LastSequence;
        Partition();
    }

    public ISqlConnection Connection => _connection;

    public IWriteStatements Statements => _statements;

    public long LastSequence { get; }

    public long NextSequence(long last) => _session.Clock.Next(Math.Max(last, _session.LastSequence));

    public void BeforeTransaction()
    {
        try
        {
            if (!_session.IsOpen)
            {
                Reopen();
            }

            if (_session.Clock.Now.AddDays(1) > _partitionedUntil)
            {
                Partition();
            }
        }
        catch (NpgsqlException exception)
        {
            throw new StoreUnavailableException($"The store cannot be reached at the moment: {exception.Message}", exception);
        }
    }

    public void Begin(WriteGroup group, EndpointRows endpoints)
    {
        _isCommitSent = false;
        _transaction = _session.Connection.BeginTransaction();
        _statements.Begin(group, endpoints, _clock.GetUtcNow());
    }

    public void Commit(WriteTransaction transaction)
    {
        _group = transaction.NextSequence();
        var commands = _statements.TakeCommands(isLast: true);
        commands.Add(new NpgsqlBatchCommand("INSERT INTO commits (stream, first, last) VALUES ($1, $2, $2)")
        {
            Parameters = { new NpgsqlParameter<short> { TypedValue = (short)_session.Clock.Stream }, new NpgsqlParameter<long> { TypedValue = _group } },
        });

        // The last of the batch: a commit costs no round trip of its own.
        commands.Add(new NpgsqlBatchCommand("COMMIT"));
        Execute(commands);
        EndTransaction();
    }

    public bool TryRollback()
    {
        _statements.Forget();
        if (!_session.IsOpen)
        {
            EndTransaction();

            // Before the commit was sent the server rolls back by itself.
            return !_isCommitSent;
        }

        using var rollback = new NpgsqlCommand("ROLLBACK", _session.Connection);
        rollback.ExecuteNonQuery();
        EndTransaction();
        return true;
    }

    /// <summary>The old session has ended before its commits are looked at: one that is not there never will be.</summary>
    public bool IsCommitted(long after, long last)
    {
        BeforeTransaction();
        using var find = new NpgsqlCommand($"SELECT 1 FROM commits WHERE stream = {_session.Clock.Stream} AND first = {_group}", _session.Connection);
        return find.ExecuteScalar() is not null;
    }

    public void ThrowIfLost()
    {
        // What the server has committed is safe.
    }

    public void RemoveCopies()
    {
        // The server keeps old versions of rows until it vacuums: see docs/security.md.
    }

    /// <summary>
    /// Errors of the server, its resources or its operator are none of the rows: connection (08), state (25), rollback (40), resources (53), locks (55), operator (57),
    /// system (58) and internal (XX). https://www.postgresql.org/docs/current/errcodes-appendix.html
    /// </summary>
    public bool IsFaultOfARow(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } => !(state.Length > 1 && state[..2] is "08" or "25" or "40" or "53" or "55" or "57" or "58" or "XX"),
        NpgsqlException or StoreUnavailableException or TimeoutException or IOException => false,
        _ => true,
    };

    public void Dispose()
    {
        _connection.Dispose();
        _session.Dispose();
    }

    /// <summary>Sends what was gathered, so that the next statement sees it.</summary>
    private void Send()
    {
        if (_transaction is not null && _statements.HasRows)
        {
            Execute(_statements.TakeCommands(isLast: false));
        }
    }

    private void Execute(List<NpgsqlBatchCommand> commands)
    {
        using var batch = new NpgsqlBatch(_session.Connection);
        commands.ForEach(batch.BatchCommands.Add);
        _isCommitSent = commands[^1].CommandText == "COMMIT";
        batch.ExecuteNonQuery();
    }

    private void EndTransaction()
    {
        _transaction?.Dispose();
        _transaction = null;
    }

    private void Reopen()
    {
        var before = _session;
        before.Dispose();
        _session = PostgresSession.Open(_source, _settings, before, _clock);
    }

    private void Partition()
    {
        using var connection = _source.OpenConnection();
        _partitionedUntil = PostgresPartitions.Ensure(connection, _session.Clock.Now);
    }
}
