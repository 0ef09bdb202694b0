using Microsoft.Data.Sqlite;
using Middleware.Accepting;
using Middleware.Audit;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.AtRest;
using Middleware.Telemetry;
using SQLitePCL;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// Keeps events in one SQLite file, flushed to the disk before they count as accepted. A temporary file is not flushed: it ends with the process.
/// </summary>
internal sealed partial class SqliteEventStore(
    StoreSettings settings, ShutdownSettings shutdown, MiddlewareMetrics metrics, Defects defects, TimeProvider clock, ILogger<SqliteEventStore> logger)
    : IEventStore, IDisposable
{
    private readonly EndpointRows _endpoints = new();
    private StoreFile? _file;
    private GroupWriter? _writer;
    private PendingReader? _pending;
    private DeadLetterReader? _deadLetters;
    private Checkpoints? _checkpoints;

    public bool IsDurable => !settings.IsMemory;

    // Nobody may be writing, and then only this notices.
    public string? Failure => _writer?.Failure ?? (_file?.IsThere == false ? "The store's file is gone." : null);

    public ReplaysUnderWay ReplaysUnderWay => _endpoints.Replays;

    /// <summary>The data keys; null for a store without encryption. Known when the store is open.</summary>
    public DataKeys? Keys { get; private set; }

    /// <summary>The file, for readers beside the lanes.</summary>
    public StoreFile File => Opened(_file);

    public Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken)
    {
        _file = settings.IsMemory ? StoreFile.OpenTemporary() : StoreFile.Open(settings.DataFolder);
        try
        {
            Open(_file, sink);
        }
        catch (SqliteException exception)
        {
            throw _file.Refusal(exception);
        }

        return Task.CompletedTask;
    }

    public ValueTask<AcceptResult> AcceptAsync(IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var item = new AcceptItem(events, claim, Keys);
        return Opened(_writer).Queue.TryAdd(item) ? new ValueTask<AcceptResult>(item.Task) : ValueTask.FromResult(new AcceptResult(AcceptKind.Busy));
    }

    public ValueTask<PendingPage> ReadPendingAsync(
        EndpointId endpoint, Priority priority, long afterSequence, PageLimit limit, CancellationToken cancellationToken) =>
        _endpoints.Find(endpoint) is { } row && (row.Waiting > 0 || priority == Priority.Background)
            ? new(Task.Run(() => ReadPending(row, priority, afterSequence, limit), cancellationToken))
            : new(new PendingPage([], IsLast: true));

    public async ValueTask<bool> TryBeginAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.ReplayId is not { } replay || _endpoints.Find(delivery.EndpointId) is not { } row)
        {
            return true;
        }

        bool? isOwed = null;
        if (await _endpoints.Replays.TryBeginAsync(delivery.Sequence, IsOwed, cancellationToken))
        {
            return true;
        }

        if (isOwed == false)
        {
            // It was under way when its replay was cancelled, and came back.
            await ChangeAsync(transaction => ReplayTakeBack.Run(transaction, replay));
        }

        return false;

        bool IsOwed() => (isOwed = Read(() => Opened(_pending).IsOwed(row, replay, delivery.Sequence))) == true;
    }

    public void GiveBack(Delivery delivery)
    {
        if (delivery.ReplayId is not null)
        {
            _endpoints.Replays.End(delivery.Sequence);
        }
    }

    public ValueTask RecordAsync(Shipment shipment, Attempt attempt, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancellationToken) =>
        Opened(_writer).Queue.AddAsync(OutcomeItem.Of(shipment, attempt, outcomes, Keys), cancellationToken);

    public Task<bool> KeepBatchAsync(Shipment batch) => ChangeAsync(transaction => KeptBatches.Keep(transaction, batch));

    public Task<IReadOnlyList<Shipment>> ReadBatchesAsync(EndpointId endpoint) => _endpoints.Find(endpoint) is { Waiting: > 0 } row
        ? Task.Run<IReadOnlyList<Shipment>>(() => [.. Read(() => Opened(_pending).ReadBatches(row)).Select(batch => ReadBatch(row, batch)).OfType<Shipment>()])
        : Task.FromResult<IReadOnlyList<Shipment>>([]);

    public async Task<int> QueueDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        Read(() => Opened(_deadLetters).IsAnyDue(now)) ? await ChangeAsync(transaction => DeadLetterRows.QueueDue(transaction, now, limit)) : 0;

    /// <inheritdoc cref="IEndpointStore.Clearing"/>
    public int Clearing => _endpoints.WaitingForDeleted;

    /// <inheritdoc cref="IEndpointStore.FailingSince"/>
    public DateTimeOffset? FailingSince(EndpointId endpoint) =>
        _endpoints.Find(endpoint) is { FailingSince: > 0 and var since } ? StoredTime.To(since) : null;

    public int Waiting(EndpointId endpoint) => _endpoints.Find(endpoint)?.Waiting ?? 0;

    public DateTimeOffset? OldestWaiting(EndpointId endpoint) =>
        _endpoints.Find(endpoint) is { Waiting: > 0 } row ? Read(() => Opened(_pending).OldestWaiting(row)) : null;

    /// <summary>The number of an endpoint; null for one that the store has not seen.</summary>
    public long? NumberOf(EndpointId endpoint) => _endpoints.Find(endpoint)?.Number;

    /// <summary>The endpoint with a number; null for one that the store has not seen.</summary>
    public EndpointId? IdOf(long number) => _endpoints.Find(number)?.Id;

    /// <summary>Has the log emptied soon: it keeps older copies of what is erased or encrypted.</summary>
    public void EmptyLog() => Opened(_checkpoints).EmptyLog();

    /// <summary>Makes a change and appends it to the audit log, both or none. A result without a change is not in the log.</summary>
    public Task<T> ChangeAsync<T>(Actor by, Func<WriteTransaction, (T Result, AuditedChange? Change)> write) => ChangeAsync(transaction =>
    {
        var (result, change) = write(transaction);
        if (change is { } made)
        {
            AuditRows.Append(transaction, Keys, by, made);
        }

        return result;
    });

    /// <summary>Makes a change in the writer's transaction; completes when it is committed.</summary>
    public Task<T> ChangeAsync<T>(Func<WriteTransaction, T> write)
    {
        var item = new ChangeItem<T>(write);
        Opened(_writer).Queue.Add(item);
        return item.Task;
    }

    public IReadOnlyList<Delivery> Owed(IReadOnlyList<Delivery> deliveries) =>
        !_endpoints.HasErased || _endpoints.Find(deliveries[0].EndpointId) is not { } row
            ? deliveries
            : Read(() => Opened(_pending).Owed(row, deliveries));

    public void Dispose()
    {
        // It may ask the writer for something.
        _checkpoints?.Dispose();
        _writer?.Dispose();
        if (!IsDurable && _writer is not null && Opened(_pending).CountOwed() is > 0 and var lost)
        {
            Lost(lost, shutdown.Timeout.TotalSeconds);
        }

        _writer = null;
        _pending?.Dispose();
        _deadLetters?.Dispose();
        _file?.Dispose();
        _endpoints.Replays.Dispose();
    }

    private void Open(StoreFile file, IDeliverySink sink)
    {
        var hasLog = file.HasLog;
        var connection = file.OpenWriter();
        SchemaMigration.Run(connection, SchemaMigration.Scripts);
        settings.WriterOpened?.Invoke(connection);
        Keys = OpenKeys(file, connection.Handle!);
        _endpoints.Rebuild(connection.Handle!);
        _pending = new PendingReader(file, Keys);
        _deadLetters = new DeadLetterReader(file);
        _writer = new GroupWriter(file, connection, _endpoints, sink, metrics, defects, clock, logger);
        _checkpoints = new Checkpoints(file, _writer.StartLogAnew, _writer.EmptyLog, logger);
        _writer.Start();
        _checkpoints.Start();
        if (hasLog)
        {
            // The process may have ended before it emptied the log of what was erased.
            EmptyLog();
        }
    }

    /// <summary>Unwraps the data keys and encrypts plain secrets. The log is emptied: it may have older copies of them, also from before a crash.</summary>
    private DataKeys? OpenKeys(StoreFile file, sqlite3 connection)
    {
        // Both or neither: a store with data keys and no keyed row would be one whose audit log was exchanged.
        using var begin = new Statement(connection, "BEGIN IMMEDIATE");
        begin.Run();
        var keys = DataKeyRows.Open(connection, settings.Encryption, file.Path, clock.GetUtcNow());
        if (keys is not null)
        {
            AuditRows.BeginKeys(connection, keys, clock.GetUtcNow());
        }

        using var commit = new Statement(connection, "COMMIT");
        commit.Run();
        if (keys is not { SealsPayloads: true })
        {
            PlainRows.ForgetThrough(connection);
        }

        if (keys is not null)
        {
            SealedDefinitions.EncryptAll(connection, keys);
            using var emptyLog = new Statement(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            emptyLog.Run();
        }

        return keys;
    }

    private PendingPage ReadPending(EndpointRow row, Priority priority, long afterSequence, PageLimit limit)
    {
        var unreadable = new List<UnreadableRow>();
        var page = Read(() => Opened(_pending).Read(row, priority, afterSequence, limit, unreadable));
        foreach (var found in unreadable)
        {
            Unreadable(found.CorrelationId, found.EventId, row.Id.Value, found.EventSequence, found.Fault);
        }

        if (unreadable.Count > 0)
        {
            // A row that cannot be read must not stop its lane, nor vanish: it is a dead letter.
            _ = GiveUpAsync(row, priority, unreadable);
        }

        return page;
    }

    private async Task GiveUpAsync(EndpointRow row, Priority priority, List<UnreadableRow> unreadable)
    {
        try
        {
            var ended = await ChangeAsync(transaction => DeadLetterRows.AddUnreadable(transaction, row, priority, unreadable));
            metrics.GivenUp(row.Id, FailureReason.Unreadable, ended);
        }
        catch (StoreUnavailableException exception)
        {
            // They stay pending, and are read again after the next start.
            UnreadableStays(exception.Message, row.Id.Value, unreadable.Count);
        }
    }

    private Shipment? ReadBatch(EndpointRow row, KeptBatch kept)
    {
        var only = new PageLimit(1, long.MaxValue);
        var deliveries = kept.Deliveries
            .SelectMany(entry => ReadPending(row, entry.Priority, entry.Sequence - 1, only).Deliveries.Where(found => found.Sequence == entry.Sequence))
            .ToList();
        return deliveries.Count == 0 ? null : new Shipment { BatchId = kept.Id, Deliveries = deliveries };
    }

    [LoggerMessage(LogLevel.Warning, "deliveries that cannot be read could not be made dead letters")]
    private partial void UnreadableStays(string error, string endpoint, int deliveries);

    [LoggerMessage(LogLevel.Error, "accepted events lost: they were not delivered within the time for the stop and the memory store keeps nothing")]
    private partial void Lost(long lost, double secondsGiven);

    private static T Opened<T>(T? part)
        where T : class => part ?? throw new InvalidOperationException("The store is not open.");

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException exception)
        {
            throw new StoreUnavailableException($"The store cannot be read at the moment: {exception.Message}", exception);
        }
    }

    [LoggerMessage(LogLevel.Error, "stored event cannot be read: its delivery is a dead letter")]
    private partial void Unreadable(string? correlationId, string? eventId, string endpoint, long eventSequence, string error);
}
