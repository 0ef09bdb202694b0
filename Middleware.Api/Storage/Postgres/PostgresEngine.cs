using System.Data.Common;
using System.Globalization;
using Middleware.Events;
using Middleware.Replicas;
using Middleware.Storage.AtRest;
using Middleware.Storage.Sql;
using Middleware.Telemetry;
using Npgsql;
using ServiceDefaults;

namespace Middleware.Storage.Postgres;

/// <summary>The engine for several replicas: a PostgreSQL database, version 14 or later.</summary>
internal sealed class PostgresEngine(StoreSettings settings, TimeProvider clock, ILogger<PostgresEngine> logger) : IStoreEngine
{
    private readonly PostgresSettings _postgres = settings.Postgres ?? throw new InvalidOperationException("The store is in no PostgreSQL database.");
    private NpgsqlDataSource? _source;
    private PostgresWriter? _writer;
    private GroupWriter? _groups;
    private PostgresTail? _tail;
    private PostgresNotifier? _notifier;
    private PostgresNotifier? _changes;
    private PostgresNotices? _notices;
    private PostgresReplicas? _replicas;
    private PostgresMaintenance? _maintenance;
    private Task? _stopped;

    public bool IsDurable => true;

    public int Streams => PostgresClock.Streams;

    public VisibleRows Visible(long committed)
    {
        var (last, stream) = (Writer().Marks.ToArray(), PostgresClock.StreamOf(committed));
        last[stream] = Math.Max(last[stream], committed);
        var now = Writer().Now;
        return new VisibleRows(
            last, Writer().RebuiltFrom, PostgresClock.FirstAt(now - PostgresMaintenance.SurelyKept), PostgresClock.FirstAt(now) - PostgresClock.FirstAt(now - PostgresWriter.LongestTransaction));
    }

    public string Place => _postgres.Place;

    public string Setting => PostgresSettings.Name;

    public bool IsAnswering => _writer is null || _writer.Waits < AdoptAfter / 2;

    public string? Failure => IsAnswering ? null : "The database does not answer.";

    public IStoreWriter Open()
    {
        ReserveThreads();
        _source = _postgres.CreateSource();
        using (var connection = _source.OpenConnection())
        {
            PostgresSchema.Run(connection, Place, PostgresSchema.Scripts);
        }

        return _writer = new PostgresWriter(_source, _postgres, clock, () => SessionEnded?.Invoke());
    }

    public ISqlConnection OpenReader() => new PostgresSql(Source().OpenConnection);

    public ISqlConnection OpenLaneReader() => new PostgresSql(() =>
    {
        var connection = Source().OpenConnection();
        using var configure = new NpgsqlCommand(PostgresSql.ByKeys, connection);
        configure.ExecuteNonQuery();
        return connection;
    });

    public void Start(GroupWriter writer, DataKeys? keys, Defects defects)
    {
        _groups = writer;
        _tail = new PostgresTail(Source(), Writer(), writer, new CommittedByOthers(OpenLaneReader(), keys, writer.Endpoints, writer.Sink, logger), defects, clock, logger);
        _notifier = new PostgresNotifier(Source(), PostgresTail.Channel, () => Writer().Stream.ToString(CultureInfo.InvariantCulture), defects, clock, logger);
        _changes = new PostgresNotifier(Source(), PostgresNotices.Channel, null, defects, clock, logger);
        _notices = new PostgresNotices(Source(), clock, logger);
        _replicas = new PostgresReplicas(Source(), Writer());
        _maintenance = new PostgresMaintenance(Source(), Writer(), () => Writer().Owns.Contains(0), defects, clock, logger);
        Writer().ForOthers = _notifier.Notify;
        _tail.Start();
        _notifier.Start();
        _changes.Start();
        _maintenance.Start();
    }

    /// <summary>The time after which the lanes of a replica that does not answer are adopted.</summary>
    public TimeSpan AdoptAfter => _postgres.AdoptAfter;

    /// <summary>The time since the last answer of the session, counted from the beginning of its request; without end while there is no session.</summary>
    public TimeSpan SinceProof => _writer?.SinceProof ?? TimeSpan.MaxValue;

    /// <summary>The slots whose failures this replica may record.</summary>
    public IReadOnlySet<int> Owns
    {
        set => Writer().Owns = value;
    }

    /// <inheritdoc cref="LaneAdoption"/>
    public void Adopt(IsOfLane isGained) => Writer().Adopt(isGained);

    /// <summary>Raised when the session has ended, on the writer's thread.</summary>
    public event Action? SessionEnded;

    /// <summary>Has the writer do something with its session between two transactions. Throws <see cref="StoreUnavailableException"/>.</summary>
    public Task<T> OnSessionAsync<T>(Func<PostgresSession, T> work)
    {
        var done = Writer().OnSessionAsync(work);
        _groups?.Wake();
        return done;
    }

    /// <inheritdoc cref="GroupWriter.WhenOutcomesCommittedAsync"/>
    public Task WhenOutcomesCommittedAsync() => _groups?.WhenOutcomesCommittedAsync() ?? Task.CompletedTask;

    /// <summary>Ends the work once: a database that does not answer is not waited for again.</summary>
    public void Stop()
    {
        var parts = new IAsyncDisposable?[] { _tail, _notifier, _changes, _notices, _maintenance };
        _stopped ??= Task.WhenAll(parts.OfType<IAsyncDisposable>().Select(static part => part.DisposeAsync().AsTask()));
        _stopped.GetAwaiter().GetResult();
    }

    public void NoteChange() => _changes?.Notify();

    public Task WhenOthersMayHaveChangedAsync(CancellationToken cancellationToken) =>
        (_notices ?? throw new InvalidOperationException("The store is not open.")).WaitAsync(cancellationToken);

    public Task AnnounceAsync(ReplicaFacts facts) => ReachedAsync(async replicas =>
    {
        await replicas.AnnounceAsync(facts);
        return true;
    });

    public Task<IReadOnlyList<LivingReplica>> ReadReplicasAsync(ReplicaFacts own) => ReachedAsync(replicas => replicas.ReadAsync(own));

    public int Session => Writer().Backend;

    public Task WriteStatesAsync(int session, IReadOnlyList<LaneState> states, CancellationToken cancellationToken) => ReachedAsync(async replicas =>
    {
        await replicas.WriteStatesAsync(session, states).WaitAsync(cancellationToken);
        return true;
    });

    public Task<IReadOnlyList<LaneState>> ReadStatesAsync() => ReachedAsync(static replicas => replicas.ReadStatesAsync());

    public void RemoveCopies()
    {
        // The server keeps old versions of rows until it vacuums: see docs/security.md.
    }

    public StartRefusedException Refusal(DbException exception) => _postgres.Refusal(exception);

    public void Dispose() => _source?.Dispose();

    /// <summary>
    /// Has the pool make as many threads at once as may wait for the server. The driver sends all commands of a batch but the first by the pool, also for a caller that
    /// waits. A writer would stand in its transaction until the pool grows by itself, which takes seconds, and on a busy machine more.
    /// </summary>
    private static void ReserveThreads()
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, PostgresSettings.MostConnections + Environment.ProcessorCount), completions);
    }

    private async Task<T> ReachedAsync<T>(Func<PostgresReplicas, Task<T>> ask)
    {
        try
        {
            return await ask(_replicas ?? throw new InvalidOperationException("The store is not open."));
        }
        catch (DbException exception)
        {
            throw new StoreUnavailableException($"The store cannot be reached at the moment: {exception.Message}", exception);
        }
    }

    private PostgresWriter Writer() => _writer ?? throw new InvalidOperationException("The store is not open.");

    private NpgsqlDataSource Source() => _source ?? throw new InvalidOperationException("The store is not open.");
}
