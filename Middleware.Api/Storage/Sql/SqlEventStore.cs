using System.Data.Common;
using Middleware.Accepting;
using Middleware.Audit;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.AtRest;
using Middleware.Telemetry;

namespace Middleware.Storage.Sql;

/// <summary>Keeps events in a database, on whichever engine, safely before they count as accepted.</summary>
internal sealed partial class SqlEventStore(
    IStoreEngine engine, StoreSettings settings, ShutdownSettings shutdown, MiddlewareMetrics metrics, Defects defects, TimeProvider clock, ILogger<SqlEventStore> logger)
    : IEventStore, IDisposable
{
    private readonly EndpointRows _endpoints = new(engine.Streams);
    private readonly ReadConnection _reads = new(engine.OpenReader);
    private GroupWriter? _writer;
    private PendingReader? _pending;
    private HeldReader? _held;
    private LaneReads? _lanes;
    private IDeliverySink? _sink;

    public bool IsDurable => engine.IsDurable;

    public int Streams => engine.Streams;

    /// <summary>True for a database of several replicas, over the network. A worker may be on the thread that waits for all sockets, and would wait there for itself.</summary>
    public bool HasReplicas => engine.Streams > 1;

    /// <inheritdoc cref="IStoreEngine.Place"/>
    public string Place => engine.Place;

    /// <inheritdoc cref="IStoreEngine.Setting"/>
    public string Setting => engine.Setting;

    public string? Failure => _writer?.Failure ?? engine.Failure;

    public ReplaysUnderWay ReplaysUnderWay => _endpoints.Replays;

    /// <summary>The data keys; null for a store without encryption. Known when the store is open.</summary>
    public DataKeys? Keys { get; private set; }

    /// <summary>A connection for readers beside the lanes.</summary>
    public ISqlConnection OpenReader() => engine.OpenReader();

    /// <inheritdoc cref="IStoreEngine.OpenLaneReader"/>
    public ISqlConnection OpenLaneReader() => engine.OpenLaneReader();

    /// <inheritdoc cref="IStoreEngine.Visible"/>
    public VisibleRows Visible => engine.Visible(Opened(_writer).Committed);

    /// <inheritdoc cref="GroupWriter.PingAsync"/>
    public Task PingAsync() => _writer?.PingAsync() ?? Task.CompletedTask;

    public Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken)
    {
        try
        {
            Open(sink);
        }
        catch (DbException exception)
        {
            throw engine.Refusal(exception);
        }

        return Task.CompletedTask;
    }

    public ValueTask<AcceptResult> AcceptAsync(IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!engine.IsAnswering)
        {
            return ValueTask.FromException<AcceptResult>(new StoreUnavailableException("The store does not answer at the moment."));
        }

        var item = new AcceptItem(events, claim, Keys);
        return Opened(_writer).Queue.TryAdd(item) ? new ValueTask<AcceptResult>(item.Task) : ValueTask.FromResult(new AcceptResult(AcceptKind.Busy));
    }

    public ValueTask<PendingPage> ReadPendingAsync(
        LaneId lane, Priority priority, SequenceMarks after, PageLimit limit, CancellationToken cancellationToken) =>
        _endpoints.Find(lane.Endpoint) is { } row && (HasReplicas || row.Waiting > 0 || priority == Priority.Background)
            ? new(Opened(_lanes).ReadAsync(row, lane, priority, after, limit, cancellationToken))
            : new(new PendingPage([], IsLast: true));

    public async ValueTask<bool> TryBeginAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (delivery.ReplayId is not { } replay || _endpoints.Find(delivery.EndpointId) is not { } row)
        {
            return true;
        }

        if (HasReplicas)
        {
            // Other replicas cancel too: the store itself knows what is under way.
            return await ChangeAsync(transaction => ReplayTakeBack.TryBegin(transaction, row.Number, delivery, replay));
        }

        bool? isOwed = null;
        if (await _endpoints.Replays.TryBeginAsync(row.Number, delivery.Sequence, IsOwed, cancellationToken))
        {
            return true;
        }

        if (isOwed == false)
        {
            // It was under way when its replay was cancelled, and came back.
            await ChangeAsync(transaction => ReplayTakeBack.Run(transaction, replay));
        }

        return false;

        bool IsOwed() => (isOwed = delivery.IsHeld ? Opened(_held).IsOwed(row, replay, delivery) : Opened(_pending).IsOwed(row, replay, delivery.Sequence)) == true;
    }

    public void GiveBack(Delivery delivery)
    {
        if (delivery.ReplayId is null || _endpoints.Find(delivery.EndpointId) is not { } row)
        {
            return;
        }

        if (HasReplicas)
        {
            _ = GiveBackAsync(row.Number, delivery);
        }
        else
        {
            _endpoints.Replays.End(row.Number, delivery.Sequence);
        }
    }

    public ValueTask RecordAsync(Shipment shipment, Attempt attempt, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancellationToken)
    {
        KeyNotices.Give(Opened(_sink), shipment, outcomes);
        return Opened(_writer).Queue.AddAsync(AttemptItem.Of(shipment, attempt, outcomes, Keys), cancellationToken);
    }

    public async Task<IReadOnlySet<long>> HoldAsync(IReadOnlyList<Delivery> deliveries)
    {
        var item = new HoldItem([.. deliveries.Select(TriedDelivery.Of)]);
        await Opened(_writer).Queue.AddAsync(item, CancellationToken.None);
        return await item.Task;
    }

    public ValueTask<HeldPage> ReadHeldAsync(LaneId lane, DateTimeOffset through, Func<long, bool> isAtHand) =>
        _endpoints.Find(lane.Endpoint) is { HasKeys: true } row ? new(Opened(_lanes).ReadHeldAsync(row, lane, through, isAtHand)) : new(new HeldPage([], NextAt: null));

    public Task<HeldKeysPage> ReadHeldKeysAsync(LaneId lane, int most) =>
        _endpoints.Find(lane.Endpoint) is { HasKeys: true } row ? Opened(_lanes).ReadHeldKeysAsync(row, lane, most) : Task.FromResult(new HeldKeysPage([], IsAll: true));

    public ValueTask ExpireAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        var outcomes = new DeliveryOutcome[shipment.Deliveries.Count];
        Array.Fill(outcomes, DeliveryOutcome.Expired);
        KeyNotices.Give(Opened(_sink), shipment, outcomes);
        return Opened(_writer).Queue.AddAsync(AttemptItem.Of(shipment, attempt: null, outcomes, Keys), cancellationToken);
    }

    public Task<bool> KeepBatchAsync(Shipment batch) => ChangeAsync(transaction => KeptBatches.Keep(transaction, batch));

    public Task<IReadOnlyList<Shipment>> ReadBatchesAsync(LaneId lane) => _endpoints.Find(lane.Endpoint) is { } row && (HasReplicas || row.Waiting > 0)
        ? Opened(_lanes).ReadBatchesAsync(row, lane)
        : Task.FromResult<IReadOnlyList<Shipment>>([]);

    public async Task<int> QueueDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        _reads.Read(reads => DeadLetterRows.IsAnyDue(reads, now)) ? await ChangeAsync(transaction => DeadLetterRows.QueueDue(transaction, now, limit)) : 0;

    /// <inheritdoc cref="IEndpointStore.Clearing"/>
    public int Clearing => _endpoints.WaitingForDeleted;

    /// <inheritdoc cref="IEndpointStore.FailingSince"/>
    public DateTimeOffset? FailingSince(EndpointId endpoint) => _endpoints.Find(endpoint) is { FailingSince: > 0 and var since } ? StoredTime.To(since) : null;

    public int Waiting(EndpointId endpoint) => _endpoints.Find(endpoint)?.Waiting ?? 0;

    public int Held(EndpointId endpoint) => _endpoints.Find(endpoint)?.Held ?? 0;

    public bool HasUnordered(EndpointId endpoint) => _endpoints.Find(endpoint) is { } row && row.Waiting > row.Ordered;

    public DateTimeOffset? OldestWaiting(EndpointId endpoint) =>
        _endpoints.Find(endpoint) is { Waiting: > 0 } row ? Opened(_pending).OldestWaiting(row) : null;

    /// <summary>The number of an endpoint; null for one that the store has not seen.</summary>
    public long? NumberOf(EndpointId endpoint) => _endpoints.Find(endpoint)?.Number;

    /// <summary>The endpoint with a number; null for one that the store has not seen.</summary>
    public EndpointId? IdOf(long number) => _endpoints.Find(number)?.Id;

    /// <inheritdoc cref="IStoreEngine.NoteChange"/>
    public void NoteChange() => engine.NoteChange();

    /// <inheritdoc cref="IStoreEngine.RemoveCopies"/>
    public void RemoveCopies() => engine.RemoveCopies();

    /// <summary>Makes a change and appends it to the audit log, both or none. A result without a change is not in the log.</summary>
    public Task<T> ChangeAsync<T>(Actor by, Func<WriteTransaction, (T Result, AuditedChange? Change)> write) => ChangeAsync(isAudited: true, transaction =>
    {
        var (result, change) = write(transaction);
        if (change is { } made)
        {
            AuditRows.Append(transaction, Keys, by, made);
        }

        return result;
    });

    /// <summary>Makes a change in the writer's transaction; completes when it is committed.</summary>
    public Task<T> ChangeAsync<T>(Func<WriteTransaction, T> write) => ChangeAsync(isAudited: false, write);

    /// <summary>Makes a change that may append to the audit log by itself.</summary>
    public Task<T> ChangeAsync<T>(bool isAudited, Func<WriteTransaction, T> write)
    {
        var item = new ChangeItem<T>(write) { IsAudited = isAudited };
        Opened(_writer).Queue.Add(item);
        return item.Task;
    }

    public ValueTask<IReadOnlyList<Delivery>> OwedAsync(IReadOnlyList<Delivery> deliveries)
    {
        if (_endpoints.Find(deliveries[0].EndpointId) is not { HasEndedUnsent: true } row)
        {
            return ValueTask.FromResult(deliveries);
        }

        return HasReplicas ? new(Opened(_lanes).OwedAsync(row, deliveries)) : ValueTask.FromResult(Opened(_pending).Owed(row, deliveries, Opened(_held).IsHeld));
    }

    public void Dispose()
    {
        // It may ask the writer for something.
        engine.Stop();
        _writer?.Dispose();
        if (!IsDurable && _writer is not null && Opened(_pending).CountOwed() is > 0 and var lost)
        {
            Lost(lost, shutdown.Timeout.TotalSeconds);
        }

        _writer = null;
        _lanes?.Dispose();
        _reads.Dispose();
        engine.Dispose();
        _endpoints.Replays.Dispose();
    }

    private void Open(IDeliverySink sink)
    {
        var writer = engine.Open();
        try
        {
            Keys = OpenDataKeys.Execute(writer, settings.Encryption, engine.Place, clock.GetUtcNow());
            if (HasReplicas)
            {
                Keys?.LookUp = id => _reads.Read(reads => DataKeyRows.Find(reads, settings.Encryption, engine.Place, id));
            }

            writer.Rebuild(_endpoints);
        }
        catch
        {
            // Its transaction would stay open, and lock the store.
            writer.Dispose();
            throw;
        }

        _pending = new PendingReader(engine.OpenLaneReader(), Keys, Streams);
        _held = new HeldReader(engine.OpenLaneReader(), Keys);
        _lanes = new LaneReads(this, _pending, _held, metrics, logger);
        _sink = sink;
        _writer = new GroupWriter(writer, engine.Place, _endpoints, sink, metrics, defects, clock, logger);
        _writer.Start();
        engine.Start(_writer, Keys, defects);
    }

    private async Task GiveBackAsync(long endpoint, Delivery delivery)
    {
        try
        {
            await ChangeAsync(transaction => ReplayTakeBack.GiveBack(transaction, endpoint, delivery));
        }
        catch (StoreUnavailableException exception)
        {
            // It is begun anew before it is sent, here or by the next owner of its lane.
            NotGivenBack(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "the delivery of a replay that waits again stays marked as under way")]
    private partial void NotGivenBack(string error);

    [LoggerMessage(LogLevel.Error, "accepted events lost: they were not delivered within the time for the stop and the memory store keeps nothing")]
    private partial void Lost(long lost, double secondsGiven);

    private static T Opened<T>(T? part)
        where T : class => part ?? throw new InvalidOperationException("The store is not open.");
}
