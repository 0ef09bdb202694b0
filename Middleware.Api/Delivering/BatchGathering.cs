using System.Diagnostics.CodeAnalysis;
using Middleware.Endpoints;
using Middleware.Events;
using ServiceDefaults;

namespace Middleware.Delivering;

/// <summary>Gathers the deliveries of a lane into batches, one batch at a time.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A worker may still gather when its lane has gone: what it waits for is cancelled and not disposed.")]
internal sealed class BatchGathering(LaneWindows windows, GivenBack givenBack, LaneDemand demand, TimeProvider clock)
{
    private readonly CancellationTokenSource _hurry = new();
    private volatile BatchPlan? _plan;
    private volatile CancellationTokenSource _planChanged = new();

    /// <inheritdoc cref="Lane.Follow"/>
    public void Follow(BatchPlan? plan)
    {
        if (plan != _plan)
        {
            var changed = _planChanged;
            (_plan, _planChanged) = (plan, new CancellationTokenSource());
            demand.IsInTurn = plan is not null;
            _ = changed.CancelAsync();
        }
    }

    /// <inheritdoc cref="Lane.Hurry"/>
    public void Hurry() => _hurry.Cancel();

    /// <summary>Takes a shipment, and adds to it where it may be in a batch. Null when there is none to take, or another worker gathers.</summary>
    public async ValueTask<TakenShipment?> TakeAsync(Func<CancellationToken, ValueTask<TakenShipment?>> takeOne, CancellationToken cancellationToken)
    {
        if (!demand.TryTakeTurn())
        {
            return null;
        }

        try
        {
            // A probe goes alone: it checks the receiver and risks one event.
            return await takeOne(cancellationToken) is not { } taken ? null
                : taken is { Shipment.MayJoinBatch: true, Pass.IsProbe: false } ? await GatherAsync(taken, cancellationToken)
                : taken;
        }
        finally
        {
            demand.LeaveTurn();
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
            PutBack(gathered);
            first.Pass.Leave();
            throw;
        }
        finally
        {
            if (notForBatches > 0)
            {
                demand.Ready(notForBatches);
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
        while (gathered.Count < plan.MaxSize && bytes < BatchPlan.FullBytes && !demand.IsComplete && await demand.IsReadyAsync(over.Token))
        {
            if (TryTake() is { } next)
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

        PutBack(gathered[1..]);
        return Shipment.Of(gathered[0]);
    }

    private void PutBack(List<Delivery> gathered) => gathered.ForEach(delivery => givenBack.Add(Shipment.Of(delivery), wasProbe: false));

    private Delivery? TryTake()
    {
        while (true)
        {
            var (window, head) = windows.FindNext(forBatch: true);
            if (!givenBack.IsEmpty && givenBack.TryTakeForBatch(head) is { } before)
            {
                return before;
            }

            if (window is null || !head!.MayJoinBatch)
            {
                return null;
            }

            if (windows.TryTake(window, head) is { } delivery)
            {
                return delivery;
            }
        }
    }
}
