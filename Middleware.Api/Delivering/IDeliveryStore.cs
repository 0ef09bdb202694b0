using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// Keeps pending deliveries and their outcomes. They alone say which deliveries are owed: lanes, depths and recovery read them. Every member but
/// <see cref="Waiting"/>, <see cref="Held"/>, <see cref="HasUnordered"/>, <see cref="GiveBack"/> and <see cref="Failure"/> may throw <see cref="StoreUnavailableException"/>.
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
    ValueTask<PendingPage> ReadPendingAsync(LaneId lane, Priority priority, SequenceMarks after, PageLimit limit, CancellationToken cancellationToken);

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

    /// <summary>
    /// The batches of a lane that were kept and have not ended, with those of their deliveries that are pending. One whose deliveries are in several lanes since is kept no more.
    /// </summary>
    Task<IReadOnlyList<Shipment>> ReadBatchesAsync(LaneId lane);

    /// <summary>
    /// Moves pending deliveries whose keys wait for a failed one to the held ones, and returns the keys that wait for nothing: theirs stay pending.
    /// Judged after all attempts that were recorded before the call.
    /// </summary>
    Task<IReadOnlySet<long>> HoldAsync(IReadOnlyList<Delivery> deliveries);

    /// <summary>
    /// The first held deliveries of keys that nothing blocks, due at a time, the longest due first; without keys that <paramref name="isAtHand"/>.
    /// </summary>
    ValueTask<HeldPage> ReadHeldAsync(LaneId lane, DateTimeOffset through, Func<long, bool> isAtHand);

    /// <summary>The keys of a lane that wait for a failed delivery, at most so many.</summary>
    Task<HeldKeysPage> ReadHeldKeysAsync(LaneId lane, int most);

    /// <summary>Makes due dead letters pending, at most <paramref name="limit"/>, and returns their number. Those of an expired event end.</summary>
    Task<int> QueueDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Those of some deliveries to one endpoint that are still owed. As long as none of it was ended from outside they all are, which costs nothing.</summary>
    ValueTask<IReadOnlyList<Delivery>> OwedAsync(IReadOnlyList<Delivery> deliveries);

    /// <summary>The deliveries that wait for an endpoint and count against its queue limit, those under way and held ones included.</summary>
    int Waiting(EndpointId endpoint);

    /// <summary>Those of them that are held: they wait behind a failed one of their key, or for their next attempt.</summary>
    int Held(EndpointId endpoint);

    /// <summary>True when one of them is in no order by key.</summary>
    bool HasUnordered(EndpointId endpoint);

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

    /// <summary>
    /// The opening of a lane for deliveries that another replica has committed and that are read for it. Null while the lane reads by itself, or is not served here.
    /// </summary>
    LaneOpening? OpeningOf(EndpointId endpoint, Priority priority);

    /// <summary>Deliveries were made pending that are to be read, up to <paramref name="sequence"/>.</summary>
    void Queued(EndpointId endpoint, Priority priority, long sequence);

    /// <summary>These deliveries ended before they were sent, erased or expired: no lane holds their bodies when this returns.</summary>
    void Erased(EndpointId endpoint, Priority priority, IReadOnlySet<long> sequences);

    /// <summary>The last delivery that counted for <see cref="IDeliveryStore.Waiting"/> of an endpoint has ended.</summary>
    void Drained(EndpointId endpoint);

    /// <summary>All deliveries that wait for an endpoint are in order by key.</summary>
    void OnlyOrdered(EndpointId endpoint);

    /// <summary>A delivery of the key has failed and its record is in hand: the next ones of the key wait. Called on the thread of the attempt.</summary>
    void Held(EndpointId endpoint, long key);

    /// <summary>The outcome of the held delivery of a key is in hand. Called on the thread of the attempt.</summary>
    void Recording(EndpointId endpoint, long key);

    /// <summary>That outcome is committed.</summary>
    void Recorded(EndpointId endpoint, long key);

    /// <summary>Nothing of the key waits for a failed delivery any more.</summary>
    void Released(EndpointId endpoint, long key);

    /// <summary>A held delivery may be sent at a time; one of the key where that is known.</summary>
    void Due(EndpointId endpoint, DateTimeOffset at, long? key = null);
}

/// <summary>Takes in deliveries that are read for a lane from now on, in the order of their streams. The lane reads the others by itself, once it is notified of them.</summary>
internal readonly record struct LaneOpening(LaneWindows Windows, int Erasures)
{
    public void Offer(Delivery delivery) => Windows.Offer(delivery, Erasures);
}

/// <summary>The limits of a page: deliveries, and bytes of memory past which no more are read.</summary>
internal readonly record struct PageLimit(int Count, long Bytes);

/// <summary>Held deliveries.</summary>
/// <param name="Due">Those that may be sent.</param>
/// <param name="NextAt">The time at which the next one may be, which has passed when there are more; null for none.</param>
internal sealed record HeldPage(IReadOnlyList<Delivery> Due, DateTimeOffset? NextAt);

/// <summary>Pending deliveries in order; <paramref name="IsLast"/> when nothing else was pending.</summary>
internal sealed record PendingPage(IReadOnlyList<Delivery> Deliveries, bool IsLast);
