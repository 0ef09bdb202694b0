using System.Collections.Frozen;
using Middleware.Domain;
using ServiceDefaults;

namespace Middleware.Workers;

/// <content>How deliveries are gathered into batches, and found again after a restart.</content>
internal sealed partial class Lane
{
    // Several that gather at once would each have a part of what could be one batch.
    private readonly SemaphoreSlim _gathering = new(1);

    // Cancelled and not disposed: somebody may still gather.
    private readonly CancellationTokenSource _hurry = new();
    private FrozenSet<(Priority Priority, long Sequence)> _inBatches = [];
    private volatile BatchPlan? _plan;

    /// <summary>Gathers batches by this plan from now on; null for one delivery at a time.</summary>
    public void Follow(BatchPlan? plan) => _plan = plan;

    /// <summary>From now on no batch waits for more.</summary>
    public void Hurry() => _hurry.Cancel();

    /// <summary>Puts a part of a batch that was refused in front of its priority.</summary>
    public void GiveBack(DeliveryBatch batch) => GiveBack(batch.Deliveries[0], batch, wasProbe: false);

    /// <summary>Reads first which deliveries travelled together when the last process ended: they do so again.</summary>
    private async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var batches = await ReadAsync(() => new ValueTask<IReadOnlyList<DeliveryBatch>>(store.ReadBatchesAsync(endpoint)), priority: null, cancellationToken);
            _inBatches = batches.SelectMany(static batch => batch.Deliveries).Select(static delivery => (delivery.Priority, delivery.Sequence)).ToFrozenSet();
            foreach (var batch in batches)
            {
                GiveBack(batch);
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

    private async ValueTask<TakenDelivery?> TakeBatchAsync(CancellationToken cancellationToken)
    {
        await WaitIdleAsync(_gathering, cancellationToken);
        try
        {
            // What is tried again or replayed goes alone, as does a probe: it is to tell of the receiver and not of many events.
            var taken = await TakeOneAsync(cancellationToken);
            return taken is { Batch: null, Delivery.Priority: not Priority.Background, Pass.IsProbe: false } first && _plan is { } plan
                ? first with { Batch = await GatherAsync(first, plan, cancellationToken) }
                : taken;
        }
        finally
        {
            _gathering.Release();
        }
    }

    /// <summary>Adds what comes next until it is enough or the first has waited long enough; null when nothing came.</summary>
    private async ValueTask<DeliveryBatch?> GatherAsync(TakenDelivery first, BatchPlan plan, CancellationToken leave)
    {
        using var patience = new CancellationTokenSource(plan.MaxWait, clock);
        using var over = CancellationTokenSource.CreateLinkedTokenSource([patience.Token, leave, first.Pass.Ended, _hurry.Token]);
        var deliveries = new List<Delivery> { first.Delivery };
        var bytes = first.Delivery.Event.Payload.Length;
        var notForBatches = 0;
        while (deliveries.Count < plan.MaxSize && bytes < BatchPlan.FullBytes && !_completed && await IsReadyAsync(over.Token))
        {
            if (!leave.IsCancellationRequested && TryTakeLive() is { } next)
            {
                deliveries.Add(next);
                bytes += next.Event.Payload.Length;
            }
            else
            {
                notForBatches++;
            }
        }

        if (notForBatches > 0)
        {
            Ready(notForBatches);
        }

        return deliveries.Count == 1 ? null : new DeliveryBatch { Id = Ids.Create(clock.GetUtcNow()), Deliveries = deliveries };
    }

    /// <summary>What is at hand is so however late it is.</summary>
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

    private Delivery? TryTakeLive()
    {
        while (FindNext(atLeast: Priority.Low).Window is { } window)
        {
            if (window.TryTake(out var delivery))
            {
                RefillIfBehind(window);
                return delivery;
            }
        }

        return null;
    }
}
