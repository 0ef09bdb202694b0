using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Middleware.Domain;

namespace Middleware.Workers;

/// <summary>
/// The part of a lane that bears one priority: the deliveries that are held, and how far the store's rows have been seen.
/// While it is behind, only the refill adds to it; otherwise only the commits do. So each delivery is taken in once and in order.
/// </summary>
internal sealed class LaneWindow(Priority priority)
{
    /// <summary>How many deliveries are held at most.</summary>
    public const int Size = 1024;

    // Full mode: what finds no room is left in the store for a later read, never waited for and never dropped.
    private readonly Channel<Delivery> _held =
        Channel.CreateBounded<Delivery>(new BoundedChannelOptions(Size) { FullMode = BoundedChannelFullMode.Wait });

    private readonly Lock _gate = new();
    private long _loadedThrough;
    private long _committedThrough;
    private long _readThrough;
    private bool _behind = true;
    private bool _refilling;

    public Priority Priority => priority;

    /// <summary>Takes in a delivery that was just committed; false when it is left to a read, or came by one already.</summary>
    public bool Offer(Delivery delivery)
    {
        lock (_gate)
        {
            _committedThrough = delivery.Sequence;
            if (delivery.Sequence <= _loadedThrough)
            {
                return false;
            }

            if (_behind || !_held.Writer.TryWrite(delivery))
            {
                _behind = true;
                return false;
            }

            _loadedThrough = delivery.Sequence;
            return true;
        }
    }

    public bool TryTake([NotNullWhen(true)] out Delivery? delivery) => _held.Reader.TryRead(out delivery);

    /// <summary>True for the one caller who must read on, when the window is behind and half empty.</summary>
    public bool TryStartRefill()
    {
        if (!Volatile.Read(ref _behind) || _held.Reader.Count > Size / 2)
        {
            return false;
        }

        lock (_gate)
        {
            return _behind && !_refilling && (_refilling = true);
        }
    }

    /// <summary>After which sequence to read, and how much; a limit of 0 ends the refill.</summary>
    public (long AfterSequence, int Limit) NextRead()
    {
        lock (_gate)
        {
            var room = Size - _held.Reader.Count;
            _refilling = _behind && room > 0;
            _readThrough = _committedThrough;
            return (_loadedThrough, _refilling ? room : 0);
        }
    }

    /// <summary>Takes in what was read. A last page says that nothing else was pending when the read began.</summary>
    public void Load(IReadOnlyList<Delivery> page, bool isLast)
    {
        lock (_gate)
        {
            foreach (var delivery in page)
            {
                var written = _held.Writer.TryWrite(delivery);
                Debug.Assert(written, "A page is never larger than the room it was read for.");
                _loadedThrough = delivery.Sequence;
            }

            if (isLast)
            {
                _loadedThrough = Math.Max(_loadedThrough, _readThrough);
                _behind = _committedThrough > _loadedThrough;
            }
        }
    }
}
