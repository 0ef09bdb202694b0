using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// Keeps pending deliveries and their outcomes. They alone say which deliveries are owed: lanes, depths and recovery read them. Every member but
/// <see cref="Waiting"/>, <see cref="GiveBack"/> and <see cref="Failure"/> may throw <see cref="StoreUnavailableException"/>.
/// </summary>
internal interface IDeliveryStore
{
    /// <summary>False for a store that loses its events when the process ends: then a stop drains the lanes.</summary>
    bool IsDurable { get; }

    /// <summary>The streams of sequences, as <see cref="SequenceMarks"/> has them.</summary>
    int Streams => 1;

    /// <summary>The reason for which nothing can be written at the moment, for people; null while writes succeed.</summary>
    string? Failure { get; }

    /// <summary>
    /// Reports every delivery committed from now on to <paramref name="sink"/>, in order of sequence. The lanes read those that were pending before.
    /// </summary>
    Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken);

    /// <summary>The oldest pending deliveries of a lane after a place, in order of sequence; at least one when there is one.</summary>
    ValueTask<PendingPage> ReadPendingAsync(EndpointId endpoint, Priority priority, SequenceMarks after, PageLimit limit, CancellationToken cancellationToken);

    /// <summary>
    /// Begins a delivery of a replay; false when the replay was cancelled meanwhile and the delivery is owed no more. A begun delivery is left alone
    /// by a cancellation, until it is recorded as ended or given back.
    /// </summary>
    ValueTask<bool> TryBeginAsync(Delivery delivery, CancellationToken cancellationToken);

    /// <summary>Notes that a delivery is not under way any more and waits again.</summary>
    void GiveBack(Delivery delivery);

    /// <summary>
    /// Records an attempt of a shipment, and its outcome for each of the deliveries, in their order. A batch of which none stays pending ends with
    /// it. Completes as soon as the store has it in hand, which holds it until it is written. Recorded twice, the second changes nothing.
    /// </summary>
    ValueTask RecordAsync(Shipment shipment, Attempt attempt, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancellationToken);

    /// <summary>
    /// Ends deliveries whose deadline is past, without an attempt, and their batch with them. Completes as <see cref="RecordAsync"/> does.
    /// </summary>
    ValueTask ExpireAsync(Shipment shipment, CancellationToken cancellationToken);

    /// <summary>Keeps the members of a batch before it is sent; completes, with true, when that is safe.</summary>
    Task<bool> KeepBatchAsync(Shipment batch);

    /// <summary>The batches of an endpoint that were kept and have not ended, with those of their deliveries that are pending.</summary>
    Task<IReadOnlyList<Shipment>> ReadBatchesAsync(EndpointId endpoint);

    /// <summary>Makes due dead letters pending, at most <paramref name="limit"/>, and returns their number. Those of an expired event end.</summary>
    Task<int> QueueDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Those of some deliveries to one endpoint that are still owed. As long as none of it was ended from outside they all are, which costs nothing.</summary>
    ValueTask<IReadOnlyList<Delivery>> OwedAsync(IReadOnlyList<Delivery> deliveries);

    /// <summary>The deliveries that wait for an endpoint and count against its queue limit, those under way included.</summary>
    int Waiting(EndpointId endpoint);

    /// <summary>
    /// The time at which the oldest event of those deliveries was accepted; null when there is none. Costs the same however many they are.
    /// </summary>
    DateTimeOffset? OldestWaiting(EndpointId endpoint);
}

/// <summary>Receives committed deliveries. Called in order of sequence; returns at once.</summary>
internal interface IDeliverySink
{
    /// <summary>An event was accepted for the endpoint.</summary>
    void Committed(Delivery delivery);

    /// <summary>Deliveries were made pending that are to be read, up to <paramref name="sequence"/>.</summary>
    void Queued(EndpointId endpoint, Priority priority, long sequence);

    /// <summary>These deliveries ended before they were sent, erased or expired: no lane holds their bodies when this returns.</summary>
    void Erased(EndpointId endpoint, Priority priority, IReadOnlySet<long> sequences);

    /// <summary>The last delivery that counted for <see cref="IDeliveryStore.Waiting"/> of an endpoint has ended.</summary>
    void Drained(EndpointId endpoint);
}

/// <summary>The limits of a page: deliveries, and bytes of memory past which no more are read.</summary>
internal readonly record struct PageLimit(int Count, long Bytes);

/// <summary>Pending deliveries in order; <paramref name="IsLast"/> when nothing else was pending.</summary>
internal sealed record PendingPage(IReadOnlyList<Delivery> Deliveries, bool IsLast);
