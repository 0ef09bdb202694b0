using Middleware.Events;
using ServiceDefaults.Settings;

namespace Middleware.Delivering;

/// <summary>
/// The part of a lane that keeps the order by key. Deliveries of a key that waits are moved out of the lane's window, to the held ones of the store.
/// The first of them comes back when it is due and nothing of its key blocks it.
/// </summary>
internal sealed class KeyLane : IDisposable
{
    // The wait of the fast tier is shorter; a clock that was set must not stop a key for longer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly LaneId _lane;
    private readonly LaneWindow _window;
    private readonly LaneDemand _demand;
    private readonly IDeliveryStore _store;
    private readonly PatientReads _reads;
    private readonly TimeProvider _clock;
    private readonly Action _refill;
    private readonly Lock _gate = new();
    private readonly Lock _following = new();
    private ITimer? _timer;
    private DateTimeOffset _nextAt = DateTimeOffset.MaxValue;
    private DateTimeOffset _through;
    private bool _isReading;
    private bool _isWanted;
    private bool _isClosed;

    /// <param name="lane">Of which it is a part.</param>
    /// <param name="window">The window on the deliveries in order by key.</param>
    /// <param name="demand">Gets a permit for each delivery that is ready.</param>
    /// <param name="budget">Of all lanes.</param>
    /// <param name="store">Keeps the held deliveries.</param>
    /// <param name="reads">Asks the store until it answers.</param>
    /// <param name="clock">The time at which held deliveries are due.</param>
    /// <param name="refill">Reads on where the window is behind.</param>
    public KeyLane(LaneId lane, LaneWindow window, LaneDemand demand, LaneBudget budget, IDeliveryStore store, PatientReads reads, TimeProvider clock, Action refill)
    {
        (_lane, _window, _demand, _store, _reads, _clock, _refill) = (lane, window, demand, store, reads, clock, refill);
        Queue = new KeyQueue(budget);
    }

    public KeyQueue Queue { get; }

    /// <summary>Takes in what the window holds.</summary>
    public void TakeIn()
    {
        GoOn(Queue.TakeIn(_window));
        _refill();
    }

    /// <summary>Takes a delivery that was found to be next; false when another worker did.</summary>
    public bool TryTake(Delivery next)
    {
        if (!Queue.TryTake(next))
        {
            return false;
        }

        TakeIn();
        return true;
    }

    /// <summary>Notes that a delivery has ended, or is held.</summary>
    public void End(Delivery delivery)
    {
        GoOn(Queue.End(delivery));
        ReadWhatWasMissed();
    }

    /// <inheritdoc cref="KeyQueue.Recorded"/>
    public void Recorded(long key)
    {
        GoOn(Queue.Recorded(key));
        ReadWhatWasMissed();
    }

    /// <summary>Takes nothing in while older deliveries wait that have no order.</summary>
    public void Follow(bool isOrdered, Func<bool> hasUnordered)
    {
        lock (_following)
        {
            // Shut before it is asked: their end is noted in the other order.
            Queue.IsShut = isOrdered;
            if (isOrdered && hasUnordered())
            {
                return;
            }

            Queue.IsShut = false;
        }

        TakeIn();
    }

    /// <summary>Takes in again: nothing without an order waits.</summary>
    public void Open()
    {
        if (Queue.IsShut)
        {
            Queue.IsShut = false;
            TakeIn();
        }
    }

    /// <summary>Notes that nothing of a key waits any more.</summary>
    public void Release(long key)
    {
        if (Queue.Release(key))
        {
            _ = LoadKeysAsync();
        }
    }

    /// <summary>Reads the held deliveries that are due at a time, then.</summary>
    public void Due(DateTimeOffset at)
    {
        if (at <= _clock.GetUtcNow())
        {
            ReadDue();
            return;
        }

        lock (_gate)
        {
            if (_isClosed || at >= _nextAt)
            {
                return;
            }

            _nextAt = at;
            var wait = Duration.RoundUp(TimeSpan.FromTicks(Math.Clamp((at - _clock.GetUtcNow()).Ticks, 0, LongestWait.Ticks)));
            _timer ??= _clock.CreateTimer(static lane => ((KeyLane)lane!).TimeCame(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _timer?.Dispose();
        }

        Queue.Close();
    }

    private void TimeCame()
    {
        lock (_gate)
        {
            // Due whatever was done to the clock meanwhile.
            _through = _nextAt == DateTimeOffset.MaxValue ? default : _nextAt;
            _nextAt = DateTimeOffset.MaxValue;
        }

        ReadDue();
    }

    private void GoOn(int ready)
    {
        if (ready > 0)
        {
            _demand.Ready(ready);
        }

        if (Queue.TakeToAsk() is { } asked)
        {
            _ = _reads.RunAsync(() => AskAsync(asked));
        }
    }

    private async Task AskAsync(IReadOnlyList<Delivery> asked)
    {
        var free = await _reads.ReadAsync(() => new ValueTask<IReadOnlySet<long>>(_store.HoldAsync(asked)), Priority.Ordered.Name());
        GoOn(Queue.Answer(free));
        TakeIn();
        ReadWhatWasMissed();
    }

    private void ReadWhatWasMissed()
    {
        if (Queue.TakeIsWorthARead())
        {
            ReadDue();
        }
    }

    private void ReadDue()
    {
        lock (_gate)
        {
            _isWanted = true;
            if (_isReading || _isClosed)
            {
                return;
            }

            _isReading = true;
        }

        _ = _reads.RunAsync(ReadDueAsync);
    }

    private async Task ReadDueAsync()
    {
        while (TakeWanted(out var through))
        {
            var now = _clock.GetUtcNow();
            through = through > now ? through : now;
            var page = await _reads.ReadAsync(() => _store.ReadHeldAsync(_lane, through, Queue.HasNoPlaceFor), Priority.Ordered.Name());
            GoOn(Queue.TakeInHeld(page.Due));
            if (page.NextAt is { } next)
            {
                Due(next);
            }
        }
    }

    private bool TakeWanted(out DateTimeOffset through)
    {
        lock (_gate)
        {
            (_isReading, _isWanted) = (_isWanted && !_isClosed, false);
            through = _through;
            return _isReading;
        }
    }

    private Task LoadKeysAsync() => _reads.RunAsync(async () =>
        Queue.EndLoad(await _reads.ReadAsync(() => new ValueTask<HeldKeysPage>(_store.ReadHeldKeysAsync(_lane, HeldKeys.Most)), Priority.Ordered.Name())));
}
