using System.Collections.Concurrent;
using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Storage;

/// <summary>Keeps what a store tells, and notes whether it was told by two threads at once.</summary>
internal sealed class RecordingSink : IDeliverySink
{
    private readonly List<Delivery> _told = [];
    private readonly ConcurrentQueue<(EndpointId Endpoint, Priority Priority, long Sequence)> _queued = [];
    private readonly ConcurrentQueue<EndpointId> _drained = [];
    private readonly ConcurrentQueue<(long Key, bool IsHeld)> _keys = [];
    private readonly ConcurrentQueue<DateTimeOffset> _due = [];
    private int _failures;
    private int _telling;

    public bool WasToldByTwoAtOnce { get; private set; }

    public IReadOnlyList<Delivery> Told => _told;

    public IReadOnlyList<(EndpointId Endpoint, Priority Priority, long Sequence)> HasQueued => [.. _queued];

    /// <summary>The next notices of queued deliveries that fail.</summary>
    public int Failures { get => Volatile.Read(ref _failures); set => _failures = value; }

    /// <summary>The next notices of committed deliveries that fail.</summary>
    public int FailuresOfCommits { get; set; }

    /// <summary>The endpoints that became empty, in order.</summary>
    public IReadOnlyList<EndpointId> HasDrained => [.. _drained];

    /// <summary>The keys that were held and released, in order.</summary>
    public IReadOnlyList<(long Key, bool IsHeld)> HasKeys => [.. _keys];

    /// <summary>The times at which held deliveries may be sent, in order.</summary>
    public IReadOnlyList<DateTimeOffset> HasDue => [.. _due];

    /// <summary>The highest sequence that was committed or queued; 0 before the first.</summary>
    public long LastSequence => _told.Select(static delivery => delivery.Sequence).Concat(HasQueued.Select(static queued => queued.Sequence)).DefaultIfEmpty().Max();

    public IEnumerable<long> Sequences => _told.Select(delivery => delivery.Sequence);

    public void Committed(Delivery delivery)
    {
        if (FailuresOfCommits-- > 0)
        {
            throw new InvalidOperationException("the lane is gone");
        }

        WasToldByTwoAtOnce |= Interlocked.Increment(ref _telling) > 1;
        _told.Add(delivery);
        Interlocked.Decrement(ref _telling);
    }

    /// <summary>Where lanes take in what others committed; nowhere unless set.</summary>
    public Func<EndpointId, Priority, LaneOpening?> OpeningOf { get; set; } = static (_, _) => null;

    LaneOpening? IDeliverySink.OpeningOf(EndpointId endpoint, Priority priority) => OpeningOf(endpoint, priority);

    public void Queued(EndpointId endpoint, Priority priority, long sequence)
    {
        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            throw new InvalidOperationException("the lane is gone");
        }

        _queued.Enqueue((endpoint, priority, sequence));
    }

    public void Erased(EndpointId endpoint, Priority priority, IReadOnlySet<long> sequences)
    {
    }

    public void Drained(EndpointId endpoint) => _drained.Enqueue(endpoint);

    public void OnlyOrdered(EndpointId endpoint)
    {
    }

    public void Held(EndpointId endpoint, long key) => _keys.Enqueue((key, IsHeld: true));

    public void Recording(EndpointId endpoint, long key)
    {
    }

    public void Recorded(EndpointId endpoint, long key)
    {
    }

    public void Released(EndpointId endpoint, long key) => _keys.Enqueue((key, IsHeld: false));

    public void Due(EndpointId endpoint, DateTimeOffset at, long? key) => _due.Enqueue(at);
}
