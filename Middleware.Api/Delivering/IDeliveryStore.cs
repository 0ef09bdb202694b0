using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// Keeps pending deliveries and their outcomes. They are the only truth of what is owed: lanes, depths and recovery read them. Every member but
/// <see cref="Waiting"/>, <see cref="GiveBack"/> and <see cref="Failure"/> may throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IDeliveryStore
{
    /// <summary>False for a store whose events are gone when the process ends: then a stop drains the lanes.</summary>
    bool IsDurable { get; }

    /// <summary>Why nothing can be written at the moment, for people; null while all is well.</summary>
    string? Failure { get; }

    /// <summary>
    /// Tells <paramref name="sink"/> of every delivery committed from now on, in order of sequence. Deliveries that were pending
    /// before are not told: the lanes read them.
    /// </summary>
    Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken);

    /// <summary>The oldest pending deliveries of a lane after a sequence, in order; at least one when there is one.</summary>
    ValueTask<PendingPage> ReadPendingAsync(EndpointId endpoint, Priority priority, long afterSequence, PageLimit limit, CancellationToken cancellationToken);

    /// <summary>
    /// Asked before a delivery of a replay is sent: false when the replay was cancelled meanwhile, and the delivery is owed no more. What
    /// is begun is under way, and left alone by a cancellation, until it is recorded as ended or given back.
    /// </summary>
    ValueTask<bool> TryBeginAsync(Delivery delivery, CancellationToken cancellationToken);

    /// <summary>Notes that a delivery is not under way any more and waits again.</summary>
    void GiveBack(Delivery delivery);

    /// <summary>
    /// Records a try of a shipment, and what it decided for each of its deliveries, in their order. A batch of which none stays pending
    /// ends with it. Completes as soon as the store has it in hand; it holds it until it is written. Recorded twice, the second changes
    /// nothing.
    /// </summary>
    ValueTask RecordAsync(Shipment shipment, Attempt attempt, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancellationToken);

    /// <summary>Keeps which deliveries a batch is of, before it is sent; completes, with true, when that is safe.</summary>
    Task<bool> KeepBatchAsync(Shipment batch);

    /// <summary>The batches of an endpoint that were kept and have not ended, with those of their deliveries that are pending.</summary>
    Task<IReadOnlyList<Shipment>> ReadBatchesAsync(EndpointId endpoint);

    /// <summary>Makes pending what is due of the dead letters, at most <paramref name="limit"/>, and says how many that were.</summary>
    Task<int> QueueDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>How many deliveries wait for an endpoint and count against its queue limit, those under way included.</summary>
    int Waiting(EndpointId endpoint);

    /// <summary>When the oldest event was accepted of those deliveries; null when there is none. Costs the same however many they are.</summary>
    DateTimeOffset? OldestWaiting(EndpointId endpoint);
}

/// <summary>Receives committed deliveries. Called in order of sequence; returns at once.</summary>
internal interface IDeliverySink
{
    /// <summary>An event was accepted for the endpoint.</summary>
    void Committed(Delivery delivery);

    /// <summary>Something was made pending that is to be read: everything up to <paramref name="sequence"/> can be.</summary>
    void Queued(EndpointId endpoint, Priority priority, long sequence);

    /// <summary>The last delivery that counted for <see cref="IDeliveryStore.Waiting"/> of an endpoint has ended.</summary>
    void Drained(EndpointId endpoint);
}

/// <summary>The limits of a page: deliveries, and bytes of memory past which no more are read.</summary>
internal readonly record struct PageLimit(int Count, long Bytes);

/// <summary>Pending deliveries in order.</summary>
/// <param name="Deliveries">What was read.</param>
/// <param name="IsLast">True when nothing else was pending.</param>
internal sealed record PendingPage(IReadOnlyList<Delivery> Deliveries, bool IsLast);
