using Middleware.Events;
using Middleware.Storage.Sql;
using Npgsql;

namespace Middleware.Storage.Postgres;

/// <summary>The writer's session, opened anew when it broke. A group is one batch of commands, in which the last commits.</summary>
internal sealed class PostgresWriter : IStoreWriter
{
    /// <summary>
    /// The time within which a row is visible that ever will be, after it has its number. A command has a limit of a minute at most. The
    /// server ends a session that is idle in a transaction after 30 s at most.
    /// </summary>
    public static readonly TimeSpan LongestTransaction = TimeSpan.FromMinutes(2);

    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlMultiHostDataSource _sessions;
    private readonly PostgresSettings _settings;
    private readonly TimeProvider _clock;
    private readonly PostgresSql _connection;
    private readonly PostgresStatements _statements;
    private PostgresSession _session;
    private NpgsqlTransaction? _transaction;
    private DateTimeOffset _partitionedUntil;
    private long _group;
    private readonly SessionWorks _work = new();
    private readonly Action _sessionEnded;
    private WriteGroup? _items;
    private EndpointRows? _endpoints;
    private readonly AppliedGroups _applied = new();
    private bool _isCommitSent;
    private readonly WriteLocks _locks;
    private readonly SessionAnswers _answers;
    private volatile IReadOnlySet<int> _owns = Enumerable.Range(0, SlotPlan.Slots).ToHashSet();

    public PostgresWriter(NpgsqlDataSource source, PostgresSettings settings, TimeProvider clock, Action sessionEnded)
    {
        (_source, _settings, _clock, _sessionEnded) = (source, settings, clock, sessionEnded);
        _answers = new SessionAnswers(clock);
        _sessions = settings.CreateSessions();
        _session = PostgresSession.OpenFirst(_sessions, settings, clock);
        _connection = new PostgresSql(() => _session.Connection, Send);
        _statements = new PostgresStatements(_connection, settings.ReplicaName);
        _locks = new WriteLocks(_connection);
        LastSequence = _session.LastSequence;
        Partition();
    }

    public ISqlConnection Connection => _connection;

    public IWriteStatements Statements => _statements;

    public long LastSequence { get; }

    /// <inheritdoc cref="SessionAnswers.SinceProof"/>
    public TimeSpan SinceProof => _answers.SinceProof;

    /// <inheritdoc cref="SessionAnswers.Waits"/>
    public TimeSpan Waits => _answers.Waits;

    /// <summary>
    /// The slots whose failures may be recorded, none of a session that ended. It has all until the first are taken, when there is nothing to record yet.
    /// Written on any thread.
    /// </summary>
    public IReadOnlySet<int> Owns
    {
        get => _owns;
        set => _owns = value;
    }

    public bool IsAmongOthers => _owns.Count < SlotPlan.Slots;

    /// <summary>The server's time. Read on any thread.</summary>
    public DateTimeOffset Now => _session.Clock.Now;

    /// <summary>Called when a group has something for lanes of other replicas. Set before the first transaction.</summary>
    public Action? ForOthers { get; set; }

    /// <summary>The stream of the session. Read on any thread.</summary>
    public int Stream => _session.Clock.Stream;

    /// <summary>The server's process of the session. Read on any thread.</summary>
    public int Backend => _session.Backend;

    /// <inheritdoc cref="AppliedGroups.Marks"/>
    public long[] Marks => _applied.Marks;

    /// <inheritdoc cref="AppliedGroups.From"/>
    public long RebuiltFrom => _applied.From;

    public bool MustRebuild => _applied.MustRebuild;

    /// <summary>Has all counted anew before the next transaction, and the lanes look for what they may have missed. Called on any thread.</summary>
    public void RebuildSoon() => _applied.MustRebuild = true;

    /// <inheritdoc cref="AppliedGroups.Rebuild"/>
    public void Rebuild(EndpointRows endpoints)
    {
        _applied.MustRebuild = false;
        _answers.Ask();
        Count(endpoints);
        _answers.EndWait();
    }

    /// <summary>Applies groups of other replicas, each once, and returns those whose lanes are to be notified. Called with the session.</summary>
    public AppliedRows Apply(IReadOnlyList<CommitRow> rows, EndpointRows endpoints, Delivering.IDeliverySink sink)
    {
        var (applied, isKnown) = _applied.Apply(rows, endpoints, sink);
        if (!isKnown)
        {
            Count(endpoints);
        }

        return applied;
    }

    /// <inheritdoc cref="LaneAdoption"/>
    public void Adopt(IsOfLane isGained) => LaneAdoption.Run(_connection, _endpoints!, isGained);

    /// <summary>Does something with the session between two transactions. Called on any thread.</summary>
    public Task<T> OnSessionAsync<T>(Func<PostgresSession, T> work) => _work.Add(work);

    public long NextSequence(long last) => _session.Clock.Next(Math.Max(last, _session.LastSequence));

    public void BeforeTransaction()
    {
        _answers.Ask();
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

            while (_work.TryTake(out var work))
            {
                var began = _clock.GetTimestamp();
                work.Do(_session);
                _answers.Prove(began);
            }
        }
        catch (NpgsqlException exception)
        {
            var refusal = new StoreUnavailableException($"The store cannot be reached at the moment: {exception.Message}", exception);
            NoteEnd();
            _work.Fail(refusal);
            throw refusal;
        }
        finally
        {
            _answers.EndWait();
        }
    }

    public bool MayRecord(EndpointId endpoint, int? shard, DeliveryOutcome? outcome) =>
        outcome is { Kind: OutcomeKind.Delivered } || _owns.Contains(SlotPlan.SlotOf(endpoint, shard ?? 0));

    public void LockKeys() => _locks.TakeKeys();

    public void Begin(WriteGroup group, EndpointRows endpoints)
    {
        (_items, _endpoints, _isCommitSent) = (group, endpoints, false);
        _answers.Ask();
        _transaction = _session.Connection.BeginTransaction();
        _locks.Begin(group);
        _statements.Begin(group, endpoints, _owns, _clock.GetUtcNow());
    }

    public void Commit(WriteTransaction transaction)
    {
        _group = transaction.NextSequence();
        var commands = _statements.TakeCommands(isLast: true);
        var row = CommitRow.Of((short)_session.Clock.Stream, _group, transaction, _items!, _endpoints!, _owns);
        commands.Add(row.ToInsert());

        // The last of the batch: a commit costs no round trip of its own.
        commands.Add(new NpgsqlBatchCommand("COMMIT"));
        Execute(commands);
        _answers.EndWait();
        EndTransaction();
        if (row.IsForOthers(_endpoints!, _owns))
        {
            ForOthers?.Invoke();
        }
    }

    public bool TryRollback()
    {
        _statements.Forget();

        // A server that answered the failed command has committed nothing, and one that was not asked to commit rolls back.
        var isRolledBack = _session.IsOpen || !_isCommitSent;
        _session.Rollback();
        _answers.EndWait();
        EndTransaction();
        NoteEnd();
        return isRolledBack;
    }

    /// <summary>The old session has ended before its commits are looked at: one that is not there never will be.</summary>
    public bool IsCommitted(long after, long last)
    {
        BeforeTransaction();
        using var find = new NpgsqlCommand($"SELECT 1 FROM commits WHERE stream = {PostgresClock.StreamOf(_group)} AND number = {_group}", _session.Connection);
        _answers.Ask();
        var isCommitted = find.ExecuteScalar() is not null;
        _answers.EndWait();
        return isCommitted;
    }

    public void ThrowIfLost()
    {
        // What the server has committed is safe.
    }

    public void RemoveCopies()
    {
        // The server keeps old versions of rows until it vacuums: see docs/security.md.
    }

    public bool IsPassing(Exception exception) => PostgresFaults.IsPassing(exception);

    public bool IsFaultOfARow(Exception exception) => PostgresFaults.IsOfARow(exception);

    public void Dispose()
    {
        _work.Close();
        _connection.Dispose();
        _session.Dispose();
        _sessions.Dispose();
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
        var began = _clock.GetTimestamp();
        batch.ExecuteNonQuery();
        _answers.Prove(began);
    }

    private void EndTransaction()
    {
        _transaction?.Dispose();
        _transaction = null;
    }

    private void Reopen()
    {
        NoteEnd();
        var before = _session;
        before.Dispose();
        var began = _clock.GetTimestamp();
        _session = PostgresSession.Open(_sessions, _settings, before, _clock);

        // A standby that took over may lack commits that were counted.
        _applied.MustRebuild = true;
        if (_session.Clock.Stream != before.Clock.Stream)
        {
            // What was committed here is no news when another replica goes on with the stream.
            _applied.NoteOwn(before.Clock.Stream, _group);
        }

        _answers.Prove(began);
    }

    /// <summary>Notes that the session has ended, once: its locks are free.</summary>
    private void NoteEnd()
    {
        if (!_session.IsOpen && _answers.TryEnd())
        {
            Owns = new HashSet<int>();
            _sessionEnded();
        }
    }

    private void Count(EndpointRows endpoints) =>
        _applied.Rebuild(_session.Connection, PostgresClock.FirstAt(Now - LongestTransaction), () => (_endpoints = endpoints).Rebuild(Connection));

    private void Partition()
    {
        using var connection = _source.OpenConnection();
        _partitionedUntil = PostgresPartitions.Ensure(connection, _session.Clock.Now);
    }
}
