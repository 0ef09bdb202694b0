using System.Collections.Frozen;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// A lane's windows on the pending deliveries in the store, one for each priority. A delivery without room stays in the store and is read later, so a
/// lane costs the same however much waits.
/// </summary>
internal sealed class LaneWindows : IDisposable
{
    private readonly LaneWindow[] _windows;
    private readonly LaneId _lane;
    private readonly LaneDemand _demand;
    private readonly LaneBudget _budget;
    private readonly IDeliveryStore _store;
    private readonly TimeProvider _clock;
    private readonly PatientReads _reads;

    // Cancelled and not disposed: a commit may reach a lane that has just gone.
    private readonly CancellationTokenSource _stopped = new();
    private FrozenSet<(Priority Priority, long Sequence)> _inBatches = [];
    private KeyLane? _keys;
    private volatile bool _started;
    private volatile bool _isOrdered;

    public LaneWindows(LaneId lane, LaneDemand demand, LaneBudget budget, IDeliveryStore store, TimeProvider clock, ILogger logger)
    {
        (_lane, _demand, _budget, _store, _clock) = (lane, demand, budget, store, clock);
        _windows = [.. Priorities.HighestFirst.Select(priority => new LaneWindow(priority, budget, store.Streams))];
        _reads = new PatientReads(lane.Endpoint, clock, logger, _stopped.Token);
    }

    // Made for the first delivery in order by key: most lanes of many never have one.
    private KeyLane Keys => Volatile.Read(ref _keys) ?? MakeKeys();

    /// <summary>Reads what was pending before: first the batches that were under way when the last process ended, which are sent again.</summary>
    public Task StartAsync(GivenBack givenBack)
    {
        _budget.AddLanes(1);
        return _reads.RunAsync(() => ReadAllAsync(givenBack));
    }

    /// <summary>Takes in a committed delivery, or leaves it in the store when there is no room. Called in order of sequence.</summary>
    public void Offer(Delivery delivery, int? erasures = null)
    {
        WaitForUnordered(delivery.Priority);
        var window = WindowOf(delivery.Priority);
        if (window.Offer(delivery, erasures))
        {
            Ready(window, 1);
        }
        else
        {
            // The workers may have emptied the window before it knew that it is behind: then nobody else would read on.
            RefillIfBehind(window);
        }
    }

    /// <inheritdoc cref="IDeliverySink.OpeningOf"/>
    public LaneOpening? OpeningOf(Priority priority) => WindowOf(priority).Erasures is { } erasures ? new LaneOpening(this, erasures) : null;

    /// <summary>Reads the deliveries that were made pending up to a sequence.</summary>
    public void Queued(Priority priority, long sequence)
    {
        WaitForUnordered(priority);
        var window = WindowOf(priority);
        window.NoteQueued(sequence);
        RefillIfBehind(window);
    }

    /// <inheritdoc cref="Lane.Erase"/>
    public void Erase(Priority priority, IReadOnlySet<long> sequences)
    {
        WindowOf(priority).Erase(sequences);
        Volatile.Read(ref _keys)?.Queue.Erase(priority, sequences);
    }

    /// <inheritdoc cref="KeyLane.Follow"/>
    public void Follow(bool isOrdered)
    {
        _isOrdered = isOrdered;
        if (isOrdered || Volatile.Read(ref _keys) is not null)
        {
            Keys.Follow(isOrdered, () => _store.HasUnordered(_lane.Endpoint));
        }
    }

    /// <inheritdoc cref="KeyLane.Open"/>
    public void OnlyOrdered() => Volatile.Read(ref _keys)?.Open();

    /// <inheritdoc cref="KeyQueue.Hold"/>
    public void Hold(long key) => Keys.Queue.Hold(key);

    /// <inheritdoc cref="KeyQueue.Recording"/>
    public void Recording(long key) => Keys.Queue.Recording(key);

    /// <inheritdoc cref="KeyLane.Recorded"/>
    public void Recorded(long key) => Volatile.Read(ref _keys)?.Recorded(key);

    /// <inheritdoc cref="KeyLane.Release"/>
    public void Release(long key) => Volatile.Read(ref _keys)?.Release(key);

    /// <inheritdoc cref="KeyLane.Due"/>
    public void Due(DateTimeOffset at)
    {
        // The start reads all that is due.
        if (_started)
        {
            Keys.Due(at);
        }
    }

    /// <inheritdoc cref="KeyLane.End"/>
    public void End(Delivery delivery) => Keys.End(delivery);

    /// <summary>The window that holds the next delivery, and that delivery: highest priority first, oldest first within one.</summary>
    public (LaneWindow? Window, Delivery? Head) FindNext(bool forBatch = false)
    {
        (LaneWindow? Window, Delivery? Head) next = default;
        if (Volatile.Read(ref _keys) is { } keys && keys.Queue.TryPeek(forBatch, out var ordered))
        {
            next = (WindowOf(Priority.Ordered), ordered);
        }

        var now = _clock.GetUtcNow();
        var atLeast = forBatch ? Priority.Low : Priority.Background;
        foreach (var window in _windows)
        {
            if (window.Priority is var priority && priority >= atLeast && priority != Priority.Ordered
                && window.TryPeek(out var head) && (next.Head is null || Aging.IsBefore(head, next.Head, now)))
            {
                next = (window, head);
            }
        }

        return next;
    }

    /// <summary>Takes the next delivery of a window, which was found to be <paramref name="head"/>. Null when another worker took the last.</summary>
    public Delivery? TryTake(LaneWindow window, Delivery head)
    {
        if (window.Priority == Priority.Ordered)
        {
            return Keys.TryTake(head) ? head : null;
        }

        if (!window.TryTake(out var delivery))
        {
            return null;
        }

        RefillIfBehind(window);
        return delivery;
    }

    public void Dispose()
    {
        _budget.AddLanes(-1);
        _stopped.Cancel();
        Volatile.Read(ref _keys)?.Dispose();
        foreach (var window in _windows)
        {
            window.Close();
        }
    }

    /// <summary>Has deliveries in order wait for one without, which was routed before the endpoint was switched to the order.</summary>
    private void WaitForUnordered(Priority priority)
    {
        if (_isOrdered && priority is not (Priority.Ordered or Priority.Background))
        {
            Follow(isOrdered: true);
        }
    }

    private LaneWindow WindowOf(Priority priority) => _windows[Priorities.HighestFirst.IndexOf(priority)];

    private KeyLane MakeKeys()
    {
        var window = WindowOf(Priority.Ordered);
        var made = new KeyLane(_lane, window, _demand, _budget, _store, _reads, _clock, () => RefillIfBehind(window));
        return Interlocked.CompareExchange(ref _keys, made, null) ?? made;
    }

    private async Task ReadAllAsync(GivenBack givenBack)
    {
        var held = await _reads.ReadAsync(() => new ValueTask<HeldKeysPage>(_store.ReadHeldKeysAsync(_lane, HeldKeys.Most)), priority: null);
        if (held is not { IsAll: true, Keys: [] })
        {
            Keys.Queue.EndLoad(held);
        }

        var batches = await _reads.ReadAsync(() => new ValueTask<IReadOnlyList<Shipment>>(_store.ReadBatchesAsync(_lane)), priority: null);
        _inBatches = batches.SelectMany(static batch => batch.Deliveries).Select(static delivery => (delivery.Priority, delivery.Sequence)).ToFrozenSet();
        foreach (var batch in batches)
        {
            if (batch.IsInOrder)
            {
                Keys.Queue.Begin(batch.Deliveries.Where(static delivery => delivery.Key is not null));
            }

            givenBack.Add(batch, wasProbe: false);
        }

        _started = true;
        foreach (var window in _windows)
        {
            RefillIfBehind(window);
        }

        if (Volatile.Read(ref _keys) is { } keys)
        {
            keys.Due(DateTimeOffset.MinValue);
        }
    }

    /// <summary>Makes deliveries of a window ready; those in order by key once their key is free.</summary>
    private void Ready(LaneWindow window, int count)
    {
        if (window.Priority == Priority.Ordered)
        {
            Keys.TakeIn();
        }
        else
        {
            _demand.Ready(count);
        }
    }

    private void RefillIfBehind(LaneWindow window)
    {
        if (_started && window.TryStartRefill())
        {
            _ = _reads.RunAsync(() => RefillAsync(window, _stopped.Token));
        }
    }

    private async Task RefillAsync(LaneWindow window, CancellationToken cancellationToken)
    {
        while (window.NextRead() is (var after, { } limit))
        {
            var page = await _reads.ReadAsync(
                () => _store.ReadPendingAsync(_lane, window.Priority, after, limit, cancellationToken), window.Priority.Name());
            var loaded = window.Load(page, _inBatches);
            if (loaded > 0)
            {
                Ready(window, loaded);
            }
        }
    }
}
