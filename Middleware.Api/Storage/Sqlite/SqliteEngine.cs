using System.Data.Common;
using Microsoft.Data.Sqlite;
using Middleware.Replicas;
using Middleware.Storage.AtRest;
using Middleware.Storage.Sql;
using Middleware.Telemetry;
using ServiceDefaults;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// The embedded engine: one SQLite file, flushed to the disk before events count as accepted. A temporary file is not flushed: it ends with the process.
/// </summary>
internal sealed class SqliteEngine(StoreSettings settings, ILogger<SqliteEngine> logger) : IStoreEngine
{
    /// <summary>The slots of a store that several replicas share.</summary>
    private const int AllSlots = 256;

    private StoreFile? _file;
    private SqliteWriter? _writer;
    private Checkpoints? _checkpoints;
    private bool _hadLog;

    public bool IsDurable => !settings.IsMemory;

    public int Streams => 1;

    public VisibleRows Visible(long committed) => new([committed], From: 0, GroupsFrom: long.MaxValue, Late: 0);

    public string Place => File.Path;

    public string Setting => File.Setting;

    public bool IsAnswering => true;

    // Nobody may be writing, and then only this notices.
    public string? Failure => _file?.IsThere == false ? "The store's file is gone." : null;

    /// <summary>The file, once it is open.</summary>
    public StoreFile File => _file ?? throw new InvalidOperationException("The store is not open.");

    public IStoreWriter Open()
    {
        _file = settings.IsMemory ? StoreFile.OpenTemporary() : StoreFile.Open(settings.DataFolder);
        _hadLog = _file.HasLog;
        var connection = _file.OpenWriter();
        SchemaMigration.Run(connection, SchemaMigration.Scripts);
        settings.WriterOpened?.Invoke(connection);
        return _writer = new SqliteWriter(_file, connection);
    }

    public ISqlConnection OpenReader() => new SqliteSql(File.OpenReader());

    public void Start(GroupWriter groups, DataKeys? keys, Defects defects)
    {
        var writer = _writer!;
        _checkpoints = new Checkpoints(File, writer.StartLogAnew, EmptyLog, logger);
        _checkpoints.Start();
        if (_hadLog)
        {
            // The process may have ended before it emptied the log of what was erased.
            RemoveCopies();
        }

        void EmptyLog(Action<bool> emptied)
        {
            writer.EmptyLog(emptied);
            groups.Wake();
        }
    }

    public void NoteChange()
    {
        // There is no other replica.
    }

    public Task WhenOthersMayHaveChangedAsync(CancellationToken cancellationToken) => new TaskCompletionSource().Task.WaitAsync(cancellationToken);

    public Task AnnounceAsync(ReplicaFacts facts) => Task.CompletedTask;

    public Task<IReadOnlyList<LivingReplica>> ReadReplicasAsync(ReplicaFacts own) =>
        Task.FromResult<IReadOnlyList<LivingReplica>>([new LivingReplica(settings.ReplicaName, own, IsThis: true, AllSlots, static (_, _) => true)]);

    public int Session => 0;

    public Task WriteStatesAsync(int session, IReadOnlyList<LaneState> states, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<LaneState>> ReadStatesAsync() => Task.FromResult<IReadOnlyList<LaneState>>([]);

    public void RemoveCopies() => _checkpoints!.EmptyLog();

    public StartRefusedException Refusal(DbException exception) => File.Refusal((SqliteException)exception);

    /// <summary>Ends the checkpoints, which may ask the writer for something; the file stays until <see cref="Dispose"/>.</summary>
    public void Stop() => _checkpoints?.Dispose();

    public void Dispose() => _file?.Dispose();
}
