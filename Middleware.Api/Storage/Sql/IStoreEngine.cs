using System.Data.Common;
using Middleware.Accepting;
using Middleware.Events;
using Middleware.Replicas;
using Middleware.Storage.AtRest;
using Middleware.Telemetry;
using ServiceDefaults;

namespace Middleware.Storage.Sql;

/// <summary>The database engine of the store: SQLite or PostgreSQL.</summary>
internal interface IStoreEngine : IDisposable
{
    /// <summary>False for a store that ends with the process.</summary>
    bool IsDurable { get; }

    /// <inheritdoc cref="Delivering.IDeliveryStore.Streams"/>
    int Streams { get; }

    /// <summary>The numbers up to which all rows of each stream are visible. Reads memory alone; called on any thread.</summary>
    /// <param name="committed">The last number that the writer committed.</param>
    VisibleRows Visible(long committed);

    /// <summary>The place of the store, for people; without a password.</summary>
    string Place { get; }

    /// <summary>The setting that says where the store is.</summary>
    string Setting { get; }

    /// <summary>A reason for which nothing can be written that no write has met yet; null for none.</summary>
    string? Failure { get; }

    /// <summary>False while the database does not answer: what is handed to the writer would wait for long. Read on each accept; costs next to nothing.</summary>
    bool IsAnswering { get; }

    /// <summary>Opens the store and brings its schema up to date. Throws <see cref="StartRefusedException"/> or a <see cref="DbException"/>.</summary>
    IStoreWriter Open();

    ISqlConnection OpenReader();

    /// <summary>Opens a connection for the reads of lanes, which find rows by their keys.</summary>
    ISqlConnection OpenLaneReader() => OpenReader();

    /// <summary>Begins the engine's own work beside the writer; without encryption there are no <paramref name="keys"/>.</summary>
    void Start(GroupWriter writer, DataKeys? keys, Defects defects);

    /// <summary>Ends that work; connections stay usable until the engine is disposed of.</summary>
    void Stop();

    /// <summary>Has the other replicas look for changes of endpoints and keys at once. Returns at once; called on any thread.</summary>
    void NoteChange();

    /// <summary>Completes when another replica may have changed endpoints or keys: after its notice, or after a second. Never where there is no other. Used by one loop.</summary>
    Task WhenOthersMayHaveChangedAsync(CancellationToken cancellationToken);

    /// <inheritdoc cref="IReplicaStore.AnnounceAsync"/>
    Task AnnounceAsync(ReplicaFacts facts);

    /// <inheritdoc cref="IReplicaStore.ReadAsync"/>
    Task<IReadOnlyList<LivingReplica>> ReadReplicasAsync(ReplicaFacts own);

    /// <inheritdoc cref="IReplicaStore.Session"/>
    int Session { get; }

    /// <inheritdoc cref="IReplicaStore.WriteStatesAsync"/>
    Task WriteStatesAsync(int session, IReadOnlyList<LaneState> states, CancellationToken cancellationToken);

    /// <inheritdoc cref="IReplicaStore.ReadStatesAsync"/>
    Task<IReadOnlyList<LaneState>> ReadStatesAsync();

    /// <summary>Has copies removed soon that the engine keeps of erased or encrypted rows.</summary>
    void RemoveCopies();

    /// <summary>The refusal of a start for an error of <see cref="Open"/>, in a line with the remedy.</summary>
    StartRefusedException Refusal(DbException exception);
}

/// <summary>The rows that are visible: no other one of a stream becomes so below its number.</summary>
/// <param name="Last">The number of each stream.</param>
/// <param name="From">The number up to which no stream without a higher one has any row that becomes visible later.</param>
/// <param name="GroupsFrom">The number from which on all groups are kept; <see cref="long.MaxValue"/> where none are.</param>
/// <param name="Late">The numbers by which a row may be older than the commit that shows it.</param>
internal readonly record struct VisibleRows(IReadOnlyList<long> Last, long From, long GroupsFrom, long Late);

/// <summary>The one writer's connection. All members are called on its thread, between or in its transactions.</summary>
internal interface IStoreWriter : IDisposable
{
    ISqlConnection Connection { get; }

    IWriteStatements Statements { get; }

    /// <summary>The highest sequence number that was ever used, when the store was opened.</summary>
    long LastSequence { get; }

    /// <summary>A sequence number that was never used, above <paramref name="last"/>.</summary>
    long NextSequence(long last);

    /// <summary>True from the time at which the store may lack what it had, as after a failover, until what is pending is counted anew.</summary>
    bool MustRebuild { get; }

    /// <summary>Counts anew what is pending, between two transactions.</summary>
    void Rebuild(EndpointRows endpoints);

    /// <summary>Called before each transaction. Throws <see cref="StoreUnavailableException"/> when it could not count as committed.</summary>
    void BeforeTransaction();

    /// <summary>
    /// True when an outcome of a lane's held delivery may be recorded here; null for a question about its keys. A success is recorded by any replica, the rest by
    /// the owner.
    /// </summary>
    bool MayRecord(EndpointId endpoint, int? shard, DeliveryOutcome? outcome) => true;

    /// <summary>Keeps other writers from changing the order by key until the transaction ends: what one holds and another frees must meet.</summary>
    void LockKeys()
    {
    }

    void Begin(WriteGroup group, EndpointRows endpoints);

    void Commit(WriteTransaction transaction);

    /// <summary>Rolls a failed transaction back; false when it has ended already, perhaps committed.</summary>
    bool TryRollback();

    /// <summary>True when such a transaction was committed, whose sequence numbers are above <paramref name="after"/> up to <paramref name="last"/>.</summary>
    bool IsCommitted(long after, long last);

    /// <summary>True while other replicas may commit to the same store.</summary>
    bool IsAmongOthers => false;

    /// <summary>Throws <see cref="StoreUnavailableException"/> when the transaction that was just committed is not safe.</summary>
    void ThrowIfLost();

    /// <summary>Removes copies that the engine keeps of encrypted rows, before the first transaction.</summary>
    void RemoveCopies();

    /// <summary>True for an error after which the same transaction can succeed at once, such as the end of two that waited for each other.</summary>
    bool IsPassing(Exception exception);

    /// <summary>True for an error that lies in the rows and not in the store.</summary>
    bool IsFaultOfARow(Exception exception);
}

/// <summary>The changes of rows that are made for each event.</summary>
internal interface IWriteStatements : IDisposable
{
    /// <summary>The number of rows inserted, changed and deleted so far.</summary>
    int RowsWritten { get; }

    /// <summary>Inserts an event, and the row of its sweep when it expires and goes to an endpoint.</summary>
    void InsertEvent(long sequence, IntegrationEvent accepted, ReadOnlyMemory<byte> payload, int endpoints, string? claim);

    void InsertPending(long endpoint, Priority priority, long sequence);

    /// <summary>Inserts a delivery in order by key, of the priority <see cref="Priority.Ordered"/>.</summary>
    void InsertOrdered(long endpoint, long sequence, long key);

    void InsertBackground(long endpoint, long sequence, long eventSequence, string? replay);

    /// <summary>False when the delivery had ended already.</summary>
    bool DeletePending(long endpoint, Priority priority, long sequence);

    /// <summary>Notes the state of a delivery that goes on; false when it had ended already.</summary>
    bool UpdatePending(long endpoint, Priority priority, long sequence, DeliveryOutcome outcome);

    /// <summary>True when the transaction records an outcome of an event at an endpoint. Its pending row may be gone before its attempt is there.</summary>
    bool HasOutcome(long endpoint, long eventSequence);

    /// <param name="eventSequence">The event.</param>
    /// <param name="endpoint">The number of the endpoint.</param>
    /// <param name="number">Of the attempt, from 1.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="sealedResponse">The encrypted response, which is kept in the place of the plain one; null for none.</param>
    void InsertAttempt(long eventSequence, long endpoint, int number, Attempt attempt, byte[]? sealedResponse);

    /// <summary>A batch that is kept already stays as it is.</summary>
    void InsertBatch(long endpoint, Guid id, ReadOnlySpan<byte> deliveries);

    void DeleteBatch(long endpoint, Guid id);

    void UpsertDeadLetter(long eventSequence, long endpoint, string reason, DateTimeOffset deadAt, DateTimeOffset? nextRetryAt);

    /// <summary>Marks a delivery as expired, whatever it was before.</summary>
    void UpsertExpired(long eventSequence, long endpoint, DateTimeOffset at);

    void DeleteDeadLetter(long eventSequence, long endpoint);

    /// <summary>The number of an endpoint, which is inserted when it is new.</summary>
    long EndpointNumber(EndpointId id);

    /// <summary>Sets the time of an endpoint's first failure; 0 for not failing.</summary>
    void SetFailingSince(long endpoint, long since);

    /// <summary>The same where replicas share an endpoint's deliveries: an earlier failure stays.</summary>
    void NoteFailing(long endpoint, long since) => SetFailingSince(endpoint, since);

    (byte[] BodyHash, byte[] Answer)? FindClaim(string route, string key, DateTimeOffset now);

    void InsertClaim(IdempotencyClaim claim, ReadOnlySpan<byte> answer, DateTimeOffset expiresAt);
}
