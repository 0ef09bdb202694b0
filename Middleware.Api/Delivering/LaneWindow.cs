using System.Collections.Frozen;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The part of a lane that bears one priority: the held deliveries, and the place up to which the store's rows have been seen. While it is behind,
/// only the refill adds to it; otherwise only the commits do. So each delivery is taken in once and in order.
/// </summary>
/// <param name="priority">The priority of its deliveries.</param>
/// <param name="budget">The bytes of all windows.</param>
/// <param name="streams">The streams of the store.</param>
internal sealed class LaneWindow(Priority priority, LaneBudget budget, int streams = 1)
{
    /// <summary>The most deliveries that are held.</summary>
    public const int Size = 1024;

    /// <summary>The most bytes that are held, one delivery more or less.</summary>
    public const long MaxBytes = 8 << 20;

    /// <summary>The bytes of one read, so that many lanes can read at a time.</summary>
    private const long PageBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly HeldBytes _bytes = new(budget, MaxBytes);

    // Most lanes of many have one delivery at a time: the others are apart.
    private volatile Delivery? _head;
    private Queue<Delivery>? _rest;
    private readonly SequenceMarks _loaded = new(streams);
    private readonly SequenceMarks _committed = new(streams);
    private SequenceMarks _read = new(streams);
    private bool _behind = true;
    private bool _hasSeenAll;
    private bool _refilling;
    private bool _closed;
    private HashSet<long>? _erasedWhileReading;
    private int _erasures;

    public Priority Priority => priority;

    /// <summary>
    /// True when each delivery is read from the store, with all that was committed before it in other streams. In order by key one of those may be earlier.
    /// </summary>
    private bool ReadsAll => streams > 1 && priority == Priority.Ordered;

    /// <summary>
    /// The number of erasures so far, while it takes in what is committed; null while it reads by itself. Each delivery that is read for it meanwhile is offered with this number.
    /// </summary>
    public int? Erasures
    {
        get
        {
            lock (_gate)
            {
                return _behind || _closed || ReadsAll ? null : _erasures;
            }
        }
    }

    private int Count => _head is null ? 0 : 1 + (_rest?.Count ?? 0);

    private bool HasRoomToRead => Count is var count && (count == 0 || (count <= Size / 2 && _bytes.IsHalfFree));

    /// <summary>Takes in a delivery that was just committed; false when a read has it or will have it.</summary>
    /// <param name="delivery">The delivery, in the order of its stream.</param>
    /// <param name="erasures">Where it was read from the store, the number of <see cref="Erasures"/> before that; it may be one that was erased since.</param>
    public bool Offer(Delivery delivery, int? erasures = null)
    {
        lock (_gate)
        {
            _committed.Raise(delivery.Sequence);
            if (!_loaded.IsPassedBy(delivery.Sequence))
            {
                return false;
            }

            if (_behind || _closed || ReadsAll || (erasures is not null && erasures != _erasures) || !(Count == 0 || _bytes.Room > 0) || !TryHold(delivery))
            {
                _behind = true;
                return false;
            }

            _loaded.Raise(delivery.Sequence);
            return true;
        }
    }

    /// <summary>Notes that there is a row to read up to a sequence.</summary>
    public void NoteQueued(long sequence)
    {
        lock (_gate)
        {
            _committed.Raise(sequence);
            _behind |= _loaded.IsBefore(_committed);
        }
    }

    public bool TryPeek([NotNullWhen(true)] out Delivery? delivery) => (delivery = _head) is not null;

    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_gate)
        {
            delivery = _head;
            if (delivery is null)
            {
                return false;
            }

            _head = _rest is { Count: > 0 } rest ? rest.Dequeue() : null;
        }

        _bytes.Remove(delivery.HeldBytes);
        return true;
    }

    /// <summary>True for the one caller who must read on, when the window is behind and half empty.</summary>
    public bool TryStartRefill()
    {
        if (!Volatile.Read(ref _behind) || !HasRoomToRead)
        {
            return false;
        }

        lock (_gate)
        {
            return _behind && !_refilling && (_refilling = true);
        }
    }

    /// <summary>The place after which to read, and the size of the read; no limit ends the refill.</summary>
    public (SequenceMarks After, PageLimit? Limit) NextRead()
    {
        lock (_gate)
        {
            _read = _committed.Copy();
            _erasedWhileReading = null;
            _refilling = _behind && !_closed && HasRoomToRead;
            if (!_refilling)
            {
                return (_loaded, null);
            }

            return (_loaded.ToRead(_read, _hasSeenAll && !ReadsAll), new PageLimit(Size - Count, _bytes.Reserve(PageBytes)));
        }
    }

    /// <summary>
    /// Takes in a page without <paramref name="leftOut"/>, and returns their number. A last page says that nothing else was pending when the read
    /// began.
    /// </summary>
    public int Load(PendingPage page, FrozenSet<(Priority, long)> leftOut)
    {
        lock (_gate)
        {
            _bytes.GiveUpReserve();
            var loaded = 0;
            foreach (var delivery in _closed ? [] : page.Deliveries)
            {
                _loaded.Raise(delivery.Sequence);
                if (leftOut.Contains((priority, delivery.Sequence)) || _erasedWhileReading?.Contains(delivery.Sequence) == true)
                {
                    continue;
                }

                loaded++;
                var written = TryHold(delivery);
                Debug.Assert(written, "A page is never larger than the room it was read for.");
            }

            if (page.IsLast)
            {
                // What another stream has from now on is noted when it is there.
                _hasSeenAll = true;
                _loaded.Raise(_read);
                _behind = _loaded.IsBefore(_committed);
            }

            return loaded;
        }
    }

    /// <summary>Drops the bodies of erased events, also of those that are being read. There is a permit for each delivery, so the deliveries stay.</summary>
    public void Erase(IReadOnlySet<long> sequences)
    {
        lock (_gate)
        {
            _erasures++;
            if (_refilling)
            {
                (_erasedWhileReading ??= []).UnionWith(sequences);
            }

            if (sequences.All(_loaded.IsPassedBy))
            {
                return;
            }

            _head = WithoutErased(_head, sequences);
            _rest = _rest is null ? null : new Queue<Delivery>(_rest.Select(delivery => WithoutErased(delivery, sequences)!));
        }
    }

    /// <summary>Takes nothing in any more, and frees its room.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _bytes.Close();
        }
    }

    private Delivery? WithoutErased(Delivery? delivery, IReadOnlySet<long> sequences)
    {
        if (delivery is null || !sequences.Contains(delivery.Sequence))
        {
            return delivery;
        }

        var kept = delivery.WithoutBody();
        _bytes.Remove(delivery.HeldBytes - kept.HeldBytes);
        return kept;
    }

    private bool TryHold(Delivery delivery)
    {
        if (Count >= Size)
        {
            // Left in the store for a later read, never waited for and never dropped.
            return false;
        }

        // Counted before a worker can take it.
        _bytes.Add(delivery.HeldBytes);
        if (_head is null)
        {
            _head = delivery;
        }
        else
        {
            (_rest ??= new()).Enqueue(delivery);
        }

        return true;
    }
}
