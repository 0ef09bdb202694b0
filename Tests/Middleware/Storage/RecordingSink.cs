using Middleware.Delivering;
using Middleware.Events;

namespace Tests.Middleware.Storage;

/// <summary>Keeps what a store tells, and notes whether it was told by two threads at once.</summary>
internal sealed class RecordingSink : IDeliverySink
{
    private readonly List<Delivery> _told = [];
    private readonly List<(EndpointId Endpoint, Priority Priority, long Sequence)> _queued = [];
    private readonly List<EndpointId> _drained = [];
    private readonly List<(long Key, bool IsHeld)> _keys = [];
    private readonly List<DateTimeOffset> _due = [];
    private int _telling;

    public bool WasToldByTwoAtOnce { get; private set; }

    public IReadOnlyList<Delivery> Told => _told;

    public IReadOnlyList<(EndpointId Endpoint, Priority Priority, long Sequence)> HasQueued
    {
        get
        {
            lock (_queued)
            {
                return [.. _queued];
            }
        }
    }

    /// <summary>The next notices of queued deliveries that fail.</summary>
    public int Failures { get; set; }

    /// <summary>The endpoints that became empty, in order.</summary>
    public IReadOnlyList<EndpointId> HasDrained
    {
        get
        {
            lock (_drained)
            {
                return [.. _drained];
            }
        }
    }

    /// <summary>The keys that were held and released, in order.</summary>
    public IReadOnlyList<(long Key, bool IsHeld)> HasKeys
    {
        get
        {
            lock (_keys)
            {
                return [.. _keys];
            }
        }
    }

    /// <summary>The times at which held deliveries may be sent, in order.</summary>
    public IReadOnlyList<DateTimeOffset> HasDue
    {
        get
        {
            lock (_due)
            {
                return [.. _due];
            }
        }
    }

    /// <summary>The highest sequence that was committed or queued; 0 before the first.</summary>
    public long LastSequence => _told.Select(static delivery => delivery.Sequence).Concat(HasQueued.Select(static queued => queued.Sequence)).DefaultIfEmpty().Max();

    public IEnumerable<long> Sequences => _told.Select(delivery => delivery.Sequence);

    public void Committed(Delivery delivery)
    {
        WasToldByTwoAtOnce |= Interlocked.Increment(ref _telling) > 1;
        _told.Add(delivery);
        Interlocked.Decrement(ref _telling);
    }

    /// <summary>Where lanes take in what others committed; nowhere unless set.</summary>
    public Func<EndpointId, Priority, LaneOpening?> OpeningOf { get; set; } = static (_, _) => null;

    LaneOpening? IDeliverySink.OpeningOf(EndpointId endpoint, Priority priority) => OpeningOf(endpoint, priority);

    public void Queued(EndpointId endpoint, Priority priority, long sequence)
    {
        lock (_queued)
        {
            if (Failures-- > 0)
            {
                throw new InvalidOperationException("the lane is gone");
            }

            _queued.Add((endpoint, priority, sequence));
        }
    }

    public void Erased(EndpointId endpoint, Priority priority, IReadOnlySet<long> sequences)
    {
    }

    public void Drained(EndpointId endpoint)
    {
        lock (_drained)
        {
            _drained.Add(endpoint);
        }
    }

    public void OnlyOrdered(EndpointId endpoint)
    {
    }

    public void Held(EndpointId endpoint, long key)
    {
        lock (_keys)
        {
            _keys.Add((key, IsHeld: true));
        }
    }

    public void Recording(EndpointId endpoint, long key)
    {
    }

    public void Recorded(EndpointId endpoint, long key)
    {
    }

    public void Released(EndpointId endpoint, long key)
    {
        lock (_keys)
        {
            _keys.Add((key, IsHeld: false));
        }
    }

    public void Due(EndpointId endpoint, DateTimeOffset at, long? key)
    {
        lock (_due)
        {
            _due.Add(at);
        }
    }
}
