using System.Diagnostics.CodeAnalysis;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The deliveries of a lane in order by key. One of each key is at hand: it is ready, under way, or its key may wait and the store is asked. The next
/// ones of the key wait behind it, and those of other keys go on.
/// </summary>
internal sealed class KeyQueue(LaneBudget budget, int mostHeldKeys = HeldKeys.Most)
{
    /// <summary>The most deliveries that are held, beside those under way.</summary>
    public const int Size = LaneWindow.Size;

    private readonly Lock _gate = new();
    private readonly HeldBytes _bytes = new(budget, LaneWindow.MaxBytes);
    private readonly HeldKeys _held = new(mostHeldKeys);

    private readonly KeysAtHand _atHand = new();
    private readonly ReadyDeliveries _ready = new();
    private readonly KeyQuestions _questions = new();
    private readonly HeldAtHand _heldAtHand = new();

    /// <summary>True while nothing is taken in: older deliveries without an order are still to end.</summary>
    public bool IsShut { get; set; }

    private int Count => _ready.Count + _atHand.Behind + _questions.Count;

    /// <summary>Takes in what a window holds, in its order, while there is room; returns the number of deliveries that are ready now.</summary>
    public int TakeIn(LaneWindow window)
    {
        lock (_gate)
        {
            var before = _ready.Added;
            while (!IsShut && Count is var count && count < Size && (count == 0 || _bytes.Room > 0) && window.TryTake(out var delivery))
            {
                _bytes.Add(delivery.HeldBytes);
                var key = delivery.Key.GetValueOrDefault();
                if (_atHand.TryTake(key))
                {
                    Begin(key, delivery);
                }
                else
                {
                    _atHand.PutBehind(key, delivery);
                }
            }

            return (int)(_ready.Added - before);
        }
    }

    /// <summary>Takes in held deliveries that are due, and returns the number of those that are ready now.</summary>
    public int TakeInHeld(IReadOnlyList<Delivery> due)
    {
        lock (_gate)
        {
            var before = _ready.Added;
            foreach (var delivery in due)
            {
                var key = delivery.Key.GetValueOrDefault();
                if (_heldAtHand.TryAdd(key, isFree: !_atHand.Contains(key)))
                {
                    _atHand.TryTake(key);
                    _bytes.Add(delivery.HeldBytes);
                    _ready.Add(delivery);
                }
            }

            return (int)(_ready.Added - before);
        }
    }

    /// <summary>True for a key of which a held delivery cannot be taken in now; a read is worth it later.</summary>
    public bool HasNoPlaceFor(long key)
    {
        lock (_gate)
        {
            return !_heldAtHand.HasPlaceFor(key, isFree: !_atHand.Contains(key));
        }
    }

    /// <summary>True once when a held delivery that was missed may have a place now.</summary>
    public bool TakeIsWorthARead()
    {
        lock (_gate)
        {
            return _heldAtHand.TakeIsWorthARead();
        }
    }

    /// <summary>Notes that the keys of deliveries are under way, which did not come from here.</summary>
    public void Begin(IEnumerable<Delivery> underWay)
    {
        lock (_gate)
        {
            foreach (var delivery in underWay)
            {
                _atHand.TryTake(delivery.Key.GetValueOrDefault());
            }
        }
    }

    /// <summary>The next delivery that is ready; one that may be in a batch when it is <paramref name="forBatch"/>.</summary>
    public bool TryPeek(bool forBatch, [NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_gate)
        {
            return _ready.TryPeek(forBatch, out delivery);
        }
    }

    /// <summary>Takes a delivery that was found to be next; false when another worker did.</summary>
    public bool TryTake(Delivery next)
    {
        lock (_gate)
        {
            var isTaken = _ready.TryTake(next);
            _bytes.Remove(isTaken ? next.HeldBytes : 0);
            return isTaken;
        }
    }

    /// <summary>
    /// Notes that the outcome of a held delivery is about to be written. Until it is committed the store still has the delivery as it was, so its key stays
    /// taken. Called before the end of the delivery.
    /// </summary>
    public void Recording(long key)
    {
        lock (_gate)
        {
            _heldAtHand.Recording(key);
        }
    }

    /// <summary>Notes that the outcome of a held delivery is committed, and returns the number of deliveries that are ready now.</summary>
    public int Recorded(long key)
    {
        lock (_gate)
        {
            return _heldAtHand.Recorded(key) ? End(key, isHeld: true) : 0;
        }
    }

    /// <summary>Notes that a delivery has left its worker, and returns the number of deliveries that are ready now.</summary>
    public int End(Delivery delivery)
    {
        var key = delivery.Key.GetValueOrDefault();
        lock (_gate)
        {
            return delivery.IsHeld && !_heldAtHand.TryLeave(key) ? 0 : End(key, delivery.IsHeld);
        }
    }

    /// <inheritdoc cref="KeyQuestions.TryAsk"/>
    public IReadOnlyList<Delivery>? TakeToAsk()
    {
        lock (_gate)
        {
            return _questions.TryAsk();
        }
    }

    /// <summary>
    /// Takes the answer of the store. Deliveries of keys that wait are held there now; those of <paramref name="free"/> keys go on. Returns the number
    /// of deliveries that are ready now.
    /// </summary>
    public int Answer(IReadOnlySet<long> free)
    {
        lock (_gate)
        {
            var before = _ready.Added;
            foreach (var of in _questions.Answer())
            {
                if (!free.Contains(of.Key))
                {
                    _bytes.Remove(of.Sum(static delivery => (long)delivery.HeldBytes));
                    End(of.Key);
                    continue;
                }

                _held.Remove(of.Key);
                _atHand.PutNext(of.Key, [.. of.Skip(1)]);
                _ready.Add(of.First());
            }

            return (int)(_ready.Added - before);
        }
    }

    /// <summary>Has a key wait. Called before the end of the delivery that failed.</summary>
    public void Hold(long key)
    {
        lock (_gate)
        {
            _held.Add(key);
        }
    }

    /// <summary>Notes that nothing of a key waits any more. True when the keys are to be read again.</summary>
    public bool Release(long key)
    {
        lock (_gate)
        {
            _held.Remove(key);
            return _held.TryBeginLoad();
        }
    }

    /// <inheritdoc cref="HeldKeys.EndLoad"/>
    public void EndLoad(HeldKeysPage read)
    {
        lock (_gate)
        {
            _held.EndLoad(read);
        }
    }

    /// <inheritdoc cref="Lane.Erase"/>
    public void Erase(Priority priority, IReadOnlySet<long> sequences)
    {
        lock (_gate)
        {
            _ready.Replace(Without);
            _atHand.Replace(Without);
            _questions.Replace(Without);
        }

        Delivery Without(Delivery delivery)
        {
            if (delivery.Priority != priority || !sequences.Contains(delivery.Sequence))
            {
                return delivery;
            }

            var kept = delivery.WithoutBody();
            _bytes.Remove(delivery.HeldBytes - kept.HeldBytes);
            return kept;
        }
    }

    /// <summary>Takes nothing in any more, and frees its room.</summary>
    public void Close()
    {
        lock (_gate)
        {
            IsShut = true;
            _bytes.Close();
        }
    }

    private void Begin(long key, Delivery delivery)
    {
        if (_held.MayHold(key))
        {
            _questions.Add(delivery);
        }
        else
        {
            _ready.Add(delivery);
        }
    }

    private int End(long key, bool isHeld)
    {
        var before = _ready.Added;
        if (isHeld)
        {
            _heldAtHand.Remove();
        }

        End(key);
        return (int)(_ready.Added - before);
    }

    private void End(long key)
    {
        _heldAtHand.Free(key);
        if (_held.MayHold(key))
        {
            // All of them are newer than the one that the key waits for.
            foreach (var next in _atHand.NextAll(key))
            {
                _questions.Add(next);
            }
        }
        else if (_atHand.Next(key) is { } next)
        {
            _ready.Add(next);
        }
    }
}
