using System.Collections.Frozen;
using Middleware.Endpoints;
using Middleware.Events;
using ServiceDefaults;

namespace Middleware.Delivering;

/// <content>The gathering of deliveries into batches, and their recovery after a restart.</content>
internal sealed partial class Lane
{
    // Several that gather at once would each have a part of one possible batch.
    private readonly SemaphoreSlim _gathering = new(1);

    // Cancelled and not disposed: a worker may still gather.
    private readonly CancellationTokenSource _hurry = new();
    private FrozenSet<(Priority Priority, long Sequence)> _inBatches = [];
    private volatile BatchPlan? _plan;
    private volatile CancellationTokenSource _planChanged = new();

    /// <summary>Gathers batches by this plan from now on, those that are being gathered included; null for one delivery at a time.</summary>
    public void Follow(BatchPlan? plan)
    {
        if (plan != _plan)
        {
            var changed = _planChanged;
            (_plan, _planChanged) = (plan, new CancellationTokenSource());
            _ = changed.CancelAsync();
        }
    }

    /// <summary>Ends the waiting of batches for more, from now on.</summary>
    public void Hurry() => _hurry.Cancel();

    /// <summary>Reads first the batches that were under way when the last process ended: they are sent again.</summary>
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var batches = await ReadAsync(() => new ValueTask<IReadOnlyList<Shipment>>(store.ReadBatchesAsync(endpoint)), priority: null, cancellationToken);
            _inBatches = batches.SelectMany(static batch => batch.Deliveries).Select(static delivery => (delivery.Priority, delivery.Sequence)).ToFrozenSet();
            foreach (var batch in batches)
            {
                GiveBack(batch, wasProbe: false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LaneStopped(endpoint.Value);
            return;
        }

        _started = true;
        foreach (var window in _windows)
        {
            RefillIfBehind(window);
        }
    }

    private async ValueTask<TakenShipment?> TakeBatchAsync(CancellationToken cancellationToken)
    {
        await WaitIdleAsync(_gathering, cancellationToken);
        try
        {
            // A probe goes alone: it checks the receiver and risks one event.
            return await TakeOneAsync(cancellationToken) is not { } taken ? null
                : taken is { Shipment.MayJoinBatch: true, Pass.IsProbe: false } ? await GatherAsync(taken, cancellationToken)
                : taken;
        }
        finally
        {
            _gathering.Release();
        }
    }

    /// <summary>
    /// Adds the next deliveries until the batch is full or the first has waited long enough. A worker that must leave meanwhile, for instance because
    /// the endpoint was disabled, puts everything back.
    /// </summary>
    private async ValueTask<TakenShipment> GatherAsync(TakenShipment first, CancellationToken leave)
    {
        var gathered = new List<Delivery> { first.Shipment.First };
        var (since, notForBatches) = (clock.GetTimestamp(), 0);
        try
        {
            bool isChanged;
            do
            {
                var changed = _planChanged;
                if (_plan is not { } plan)
                {
                    break;
                }

                var wait = plan.MaxWait - clock.GetElapsedTime(since);
                notForBatches += await AddAsync(gathered, plan, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, [first.Pass.Ended, leave, changed.Token]);
                isChanged = changed.IsCancellationRequested;
            }
            while (isChanged && !leave.IsCancellationRequested);

            leave.ThrowIfCancellationRequested();
            return first with { Shipment = Together(gathered) };
        }
        catch
        {
            gathered.ForEach(delivery => GiveBack(Shipment.Of(delivery), wasProbe: false));
            first.Pass.Leave();
            throw;
        }
        finally
        {
            if (notForBatches > 0)
            {
                Ready(notForBatches);
            }
        }
    }

    /// <summary>Adds deliveries to a batch, and returns the permits of those that go alone.</summary>
    private async ValueTask<int> AddAsync(List<Delivery> gathered, BatchPlan plan, TimeSpan longest, CancellationToken[] enough)
    {
        using var patience = new CancellationTokenSource(longest, clock);
        using var over = CancellationTokenSource.CreateLinkedTokenSource([patience.Token, _hurry.Token, .. enough]);
        var bytes = gathered.Sum(static delivery => delivery.Event.Payload.Length);
        var notForBatches = 0;
        while (gathered.Count < plan.MaxSize && bytes < BatchPlan.FullBytes && !_completed && await IsReadyAsync(over.Token))
        {
            if (TryTakeForBatch() is { } next)
            {
                gathered.Add(next);
                bytes += next.Event.Payload.Length;
            }
            else
            {
                notForBatches++;
            }
        }

        return notForBatches;
    }

    /// <summary>Makes a shipment of the gathered deliveries. A single one goes alone, as all do once the endpoint wants no batches.</summary>
    private Shipment Together(List<Delivery> gathered)
    {
        if (_plan is not null && gathered.Count > 1)
        {
            return new Shipment { BatchId = Ids.Create(clock.GetUtcNow()), Deliveries = gathered };
        }

        foreach (var other in gathered[1..])
        {
            GiveBack(Shipment.Of(other), wasProbe: false);
        }

        return Shipment.Of(gathered[0]);
    }

    /// <summary>Waits for a ready delivery; one that is at hand counts however late it is.</summary>
    private async ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (_ready.Wait(0, CancellationToken.None))
        {
            return true;
        }

        var ready = _ready.WaitAsync(cancellationToken);
        await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ready.IsCompletedSuccessfully;
    }

    private Delivery? TryTakeForBatch()
    {
        while (true)
        {
            var (window, head) = FindNext(atLeast: Priority.Low);
            if (!_givenBack.IsEmpty && _givenBack.TryTakeForBatch(head) is { } before)
            {
                return before;
            }

            if (window is null || !head!.MayJoinBatch)
            {
                return null;
            }

            if (window.TryTake(out var delivery))
            {
                RefillIfBehind(window);
                return delivery;
            }
        }
    }
}
