using Middleware.Endpoints;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The next deliveries of one endpoint or shard, one at a time or in batches. They come from the windows on the pending ones in the store, and from those that
/// came back.
/// </summary>
internal sealed class Lane : IDisposable
{
    private readonly LaneGate _gate;
    private readonly LaneWindows _windows;
    private readonly GivenBack _givenBack;
    private readonly BatchGathering _batches;
    private readonly Func<CancellationToken, ValueTask<TakenShipment?>> _takeOne;

    public Lane(LaneId id, LaneGate gate, LaneBudget budget, IDeliveryStore store, TimeProvider clock, ILogger<Lane> logger)
    {
        _gate = gate;
        _windows = new LaneWindows(id, Demand, budget, store, clock, logger);
        _givenBack = new GivenBack(Demand, clock);
        _batches = new BatchGathering(_windows, _givenBack, Demand, clock);
        _takeOne = TakeOneAsync;
    }

    /// <summary>The demand for workers.</summary>
    public LaneDemand Demand { get; } = new();

    /// <summary>Reads the deliveries that were pending before the lane was made.</summary>
    public void Start() => _ = _windows.StartAsync(_givenBack);

    /// <summary>Gathers batches by this plan from now on, those that are being gathered included; null for one delivery at a time.</summary>
    public void Follow(BatchPlan? plan, bool isOrdered = false)
    {
        _batches.Follow(plan);
        _windows.Follow(isOrdered);
    }

    /// <inheritdoc cref="KeyLane.Open"/>
    public void OnlyOrdered() => _windows.OnlyOrdered();

    /// <inheritdoc cref="KeyQueue.Hold"/>
    public void Hold(long key) => _windows.Hold(key);

    /// <inheritdoc cref="KeyQueue.Recording"/>
    public void Recording(long key) => _windows.Recording(key);

    /// <inheritdoc cref="KeyLane.Recorded"/>
    public void Recorded(long key) => _windows.Recorded(key);

    /// <inheritdoc cref="KeyLane.Release"/>
    public void Release(long key) => _windows.Release(key);

    /// <inheritdoc cref="KeyLane.Due"/>
    public void Due(DateTimeOffset at) => _windows.Due(at);

    /// <summary>Notes that a shipment has left its worker. What is left of it comes back in front of its priority, a failed probe at last.</summary>
    public void End(Shipment shipment, IReadOnlyList<Shipment> left, bool wasProbe)
    {
        foreach (var waiting in left)
        {
            GiveBack(waiting, wasProbe);
        }

        if (shipment.IsInOrder)
        {
            var still = left.SelectMany(static waiting => waiting.Deliveries).Select(static delivery => delivery.Sequence).ToHashSet();
            EndKeys(shipment.Deliveries.Where(delivery => !still.Contains(delivery.Sequence)));
        }
    }

    /// <summary>Ends the waiting of batches for more, from now on.</summary>
    public void Hurry() => _batches.Hurry();

    /// <inheritdoc cref="LaneWindows.Offer"/>
    public void Offer(Delivery delivery) => _windows.Offer(delivery);

    /// <inheritdoc cref="IDeliverySink.OpeningOf"/>
    public LaneOpening? OpeningOf(Priority priority) => _windows.OpeningOf(priority);

    /// <inheritdoc cref="LaneWindows.Queued"/>
    public void Queued(Priority priority, long sequence) => _windows.Queued(priority, sequence);

    /// <summary>Drops the bodies of held deliveries that were erased or expired. They end without an attempt; a batch goes on without them.</summary>
    public void Erase(Priority priority, IReadOnlySet<long> sequences)
    {
        _windows.Erase(priority, sequences);
        EndKeys(_givenBack.Erase(priority, sequences));
    }

    /// <summary>Takes back a shipment that is still to be delivered: in front of its priority, a failed probe at last.</summary>
    public void GiveBack(Shipment shipment, bool wasProbe) => _givenBack.Add(shipment, wasProbe);

    /// <summary>
    /// The next shipment, a batch where the endpoint has them, as soon as the gate lets one through: highest priority first, oldest first within one.
    /// Null when none is ready, or another worker gathers a batch.
    /// </summary>
    public ValueTask<TakenShipment?> TakeAsync(CancellationToken cancellationToken) =>
        Demand.IsInTurn ? _batches.TakeAsync(_takeOne, cancellationToken) : TakeOneAsync(cancellationToken);

    /// <summary>Lets workers go when nothing is held any more.</summary>
    public void Complete() => Demand.Complete();

    public void Dispose() => _windows.Dispose();

    private async ValueTask<TakenShipment?> TakeOneAsync(CancellationToken cancellationToken)
    {
        if (!Demand.TryTake())
        {
            return null;
        }

        // There is a permit for each delivery that is held, so a permit without one only says that the lane is complete.
        while (!IsOver())
        {
            CircuitPass pass;
            try
            {
                pass = await Demand.WaitAtGateAsync(_gate.EnterAsync(cancellationToken));
                ThrowIfToLeave(pass, cancellationToken);
            }
            catch
            {
                Demand.Ready();
                throw;
            }

            if (TryTake(pass) is { } shipment)
            {
                Demand.Attend();
                return new TakenShipment(shipment, pass);
            }

            // While this looked through the windows, one more came and another worker took the last of the rest. The permit is good for the one that
            // came.
            pass.Leave();
        }

        return null;
    }

    private void EndKeys(IEnumerable<Delivery> ended)
    {
        foreach (var delivery in ended.Where(static delivery => delivery.Key is not null))
        {
            _windows.End(delivery);
        }
    }

    /// <summary>Ends a worker that must leave. A semaphore may still let it in: the next delivery is not for it.</summary>
    private static void ThrowIfToLeave(CircuitPass pass, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            pass.Leave();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private bool IsOver() => Demand.IsComplete && _givenBack.IsEmpty && _windows.FindNext().Window is null;

    private Shipment? TryTake(CircuitPass pass)
    {
        while (true)
        {
            var (window, head) = _windows.FindNext();
            if (!_givenBack.IsEmpty && _givenBack.TryTakeBefore(head, pass) is { } before)
            {
                return before;
            }

            if (window is null)
            {
                return null;
            }

            // Another worker may take the one found to be next; then there is another next.
            if (_windows.TryTake(window, head!) is { } delivery)
            {
                return Shipment.Of(delivery);
            }
        }
    }
}
