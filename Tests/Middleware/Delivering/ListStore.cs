using System.Collections.Concurrent;
using Middleware.Accepting;
using Middleware.Delivering;
using Middleware.Events;
using Middleware.Storage;

namespace Tests.Middleware.Delivering;

/// <summary>A store for lanes: what is committed stays pending until it is recorded, and reads fail when told to.</summary>
internal sealed class ListStore : IEventStore
{
    private readonly Lock _gate = new();
    private readonly SortedList<long, Delivery>[] _pending = [[], [], [], [], [], []];
    private readonly ConcurrentQueue<(Attempt, IReadOnlyList<DeliveryOutcome>)> _recorded = [];
    private readonly ConcurrentQueue<Delivery> _expired = [];
    private readonly Queue<Exception> _failures = new();
    private long _sequence;

    public bool IsDurable => true;

    public string? Failure => null;

    /// <summary>Hears of what is committed.</summary>
    public Action<Delivery> Told { get; set; } = _ => { };

    /// <summary>The batches that were under way when the process before ended.</summary>
    public IReadOnlyList<Shipment> Batches { get; set; } = [];

    /// <summary>Every try in order, and what it decided.</summary>
    public IReadOnlyList<(Attempt Attempt, IReadOnlyList<DeliveryOutcome> Outcomes)> Recorded => [.. _recorded];

    /// <summary>The deliveries that ended by their deadline without a try.</summary>
    public IReadOnlyList<Delivery> Expired => [.. _expired];

    public int Reads { get; private set; }

    public int DeliveriesRead { get; private set; }

    public int LargestPage { get; private set; }

    /// <summary>The next reads fail with these.</summary>
    public void FailReads(params Exception[] exceptions) => Array.ForEach(exceptions, _failures.Enqueue);

    public Delivery Commit(Priority priority = Priority.Low, long? key = null)
    {
        lock (_gate)
        {
            var delivery = Made.Delivery(++_sequence, priority) with { Key = key };
            RowsOf(priority).Add(delivery.Sequence, delivery);
            Told(delivery);
            return delivery;
        }
    }

    public List<Delivery> Commit(int count, Priority priority = Priority.Low) => [.. Enumerable.Range(0, count).Select(_ => Commit(priority))];

    public ValueTask<PendingPage> ReadPendingAsync(
        LaneId lane, Priority priority, SequenceMarks after, PageLimit limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Reads++;
            LargestPage = Math.Max(LargestPage, limit.Count);
            if (_failures.TryDequeue(out var failure))
            {
                return ValueTask.FromException<PendingPage>(failure);
            }

            var rows = RowsOf(priority);
            var page = new List<Delivery>(limit.Count);
            var index = FirstAfter(rows.Keys, after.Lowest);
            for (; index < rows.Count && page.Count < limit.Count; index++)
            {
                page.Add(rows.Values[index]);
            }

            DeliveriesRead += page.Count;
            return ValueTask.FromResult(new PendingPage(page, IsLast: index == rows.Count));
        }
    }

    public Task OpenAsync(IDeliverySink sink, CancellationToken cancellationToken)
    {
        Told = sink.Committed;
        return Task.CompletedTask;
    }

    public ValueTask<AcceptResult> AcceptAsync(IReadOnlyList<RoutedEvent> events, IdempotencyClaim? claim, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<bool> TryBeginAsync(Delivery delivery, CancellationToken cancellationToken) => ValueTask.FromResult(true);

    public void GiveBack(Delivery delivery)
    {
    }

    public ValueTask RecordAsync(Shipment shipment, Attempt attempt, IReadOnlyList<DeliveryOutcome> outcomes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _recorded.Enqueue((attempt, outcomes));
            foreach (var (delivery, outcome) in shipment.Deliveries.Zip(outcomes))
            {
                if (outcome.Kind != OutcomeKind.Pending)
                {
                    RowsOf(delivery.Priority).Remove(delivery.Sequence);
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask ExpireAsync(Shipment shipment, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var delivery in shipment.Deliveries)
            {
                _expired.Enqueue(delivery);
                RowsOf(delivery.Priority).Remove(delivery.Sequence);
            }
        }

        return ValueTask.CompletedTask;
    }

    public Task<bool> KeepBatchAsync(Shipment batch) => Task.FromResult(true);

    public Task<IReadOnlyList<Shipment>> ReadBatchesAsync(LaneId lane) => Task.FromResult(Batches);

    /// <summary>The keys of which deliveries are held when they are asked for.</summary>
    public HashSet<long> HeldKeys { get; } = [];

    /// <summary>The deliveries that were held, in order.</summary>
    public List<Delivery> HeldNow { get; } = [];

    /// <summary>The number of questions for keys.</summary>
    public int Asked { get; private set; }

    /// <summary>True while an older delivery without an order waits.</summary>
    public bool IsUnorderedWaiting { get; set; }

    public Task<IReadOnlySet<long>> HoldAsync(IReadOnlyList<Delivery> deliveries)
    {
        lock (_gate)
        {
            Asked++;
            var free = new HashSet<long>();
            foreach (var delivery in deliveries)
            {
                var key = delivery.Key.GetValueOrDefault();
                if (!HeldKeys.Contains(key))
                {
                    free.Add(key);
                    continue;
                }

                RowsOf(delivery.Priority).Remove(delivery.Sequence);
                HeldNow.Add(delivery with { IsHeld = true });
            }

            return Task.FromResult<IReadOnlySet<long>>(free);
        }
    }

    public ValueTask<HeldPage> ReadHeldAsync(LaneId lane, DateTimeOffset through, Func<long, bool> isAtHand)
    {
        lock (_gate)
        {
            var first = HeldNow.GroupBy(static held => held.Key).Select(static of => of.MinBy(static held => held.Sequence)!).ToList();
            var due = first.FindAll(held => held.NotBefore is not { } at || at <= through).FindAll(held => !isAtHand(held.Key.GetValueOrDefault()));
            return ValueTask.FromResult(new HeldPage(due, first.Where(held => held.NotBefore > through).Min(static held => held.NotBefore)));
        }
    }

    public Task<HeldKeysPage> ReadHeldKeysAsync(LaneId lane, int most) => Task.FromResult(new HeldKeysPage([.. HeldKeys.Take(most)], HeldKeys.Count <= most));

    public Task<int> QueueDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => Task.FromResult(0);

    public ValueTask<IReadOnlyList<Delivery>> OwedAsync(IReadOnlyList<Delivery> deliveries) => ValueTask.FromResult(deliveries);

    public int Waiting(EndpointId endpoint)
    {
        lock (_gate)
        {
            return _pending.Sum(rows => rows.Count);
        }
    }

    public int Held(EndpointId endpoint) => HeldNow.Count;

    public bool HasUnordered(EndpointId endpoint) => IsUnorderedWaiting;

    public DateTimeOffset? OldestWaiting(EndpointId endpoint)
    {
        lock (_gate)
        {
            return _pending.SelectMany(static rows => rows.Values).Min(static delivery => (DateTimeOffset?)delivery.Event.AcceptedAt);
        }
    }

    private SortedList<long, Delivery> RowsOf(Priority priority) => _pending[(int)priority + 1];

    private static int FirstAfter(IList<long> sequences, long sequence)
    {
        var (low, high) = (0, sequences.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sequences[middle] <= sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
