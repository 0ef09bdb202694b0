using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Delivering;

/// <summary>
/// Runs the lanes: feeds each with committed deliveries and has its workers deliver until the stop. The lanes of an endpoint that is added, changed,
/// disabled or removed follow at once.
/// </summary>
internal sealed class LaneHost(
    IDeliveryStore store,
    EndpointRegistry endpoints,
    Circuits circuits,
    DeliverShipment deliver,
    Defects defects,
    EndpointLimits limits,
    ILaneOwnership ownership,
    ShutdownSettings shutdown,
    TimeProvider clock,
    ILoggerFactory loggers) : IDeliverySink, IOwnedLanes, IDisposable
{
    private readonly LaneTable _lanes = new(ownership, circuits);
    private readonly LaneBudget _budget = new();
    private readonly WorkerLimit _workers = new(limits.MostWorkers);
    private readonly CancellationTokenSource _noNewTries = new();
    private readonly CancellationTokenSource _giveUp = new();
    private volatile bool _running;
    private volatile bool _draining;

    /// <summary>True while workers take deliveries.</summary>
    public bool IsRunning => _running;

    public int Lanes => _lanes.All.Sum(static served => served.Value.All.Count());

    /// <summary>The workers that run over all lanes.</summary>
    public int Workers => _workers.Running;

    public long HeldBytes => _budget.Held;

    /// <summary>Serves the endpoints of the registry whose lanes are owned. Changes are followed already.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ownership.StartAsync(this, cancellationToken);
        _running = true;
    }

    public void Gained(Func<LaneId, bool> which)
    {
        foreach (var endpoint in endpoints.All)
        {
            if (ownership.LanesOf(endpoint).Any(which))
            {
                Serve(endpoint, wasServedByOthers: true);
            }
        }
    }

    public async Task LeaveAsync(Func<LaneId, bool> which, CancellationToken cancellationToken)
    {
        var left = _lanes.Take(which);
        await using (cancellationToken.Register(() => left.ForEach(static lane => lane.GiveUp())))
        {
            await Task.WhenAll(left.Select(static lane => lane.Ended));
        }
    }

    public void Lost(Func<LaneId, bool> which) => _lanes.Take(which);

    public void BreakOff() => _lanes.BreakOff();

    public bool Serves(LaneId lane) => _lanes.Find(lane.Endpoint).Any(served => served == lane);

    public bool IsEnding(EndpointId endpoint, int shard, LaneLayout layout) => _lanes.IsEnding(endpoint, shard, layout);

    /// <summary>Applies a change of an endpoint to its lanes.</summary>
    public void Follow(EndpointChanged change)
    {
        if (change.Now is { } endpoint)
        {
            if (change.Before?.Layout.Number > endpoint.Layout.Number)
            {
                // Deleted and registered anew before this replica knew of either.
                _lanes.Forget(change.Id);
            }

            Serve(endpoint, wasServedByOthers: false);
        }
        else
        {
            _lanes.Forget(change.Id);
        }
    }

    public void Committed(Delivery delivery) => _lanes.Find(delivery.EndpointId).Offer(delivery);

    public LaneOpening? OpeningOf(EndpointId endpoint, Priority priority) => _lanes.Find(endpoint).OpeningOf(priority);

    /// <summary>Passes on new pending deliveries. Those of an endpoint that is gone stay pending: it has no lane.</summary>
    public void Queued(EndpointId endpoint, Priority priority, long sequence) => _lanes.Find(endpoint).ForEach(lane => lane.Queued(priority, sequence));

    public void Erased(EndpointId endpoint, Priority priority, IReadOnlySet<long> sequences) => _lanes.Find(endpoint).ForEach(lane => lane.Erase(priority, sequences));

    /// <summary>Completes the lanes of an endpoint while the lanes are drained.</summary>
    public void Drained(EndpointId endpoint)
    {
        if (_draining)
        {
            _lanes.Find(endpoint).Complete();
        }
    }

    public void OnlyOrdered(EndpointId endpoint) => _lanes.Find(endpoint).ForEach(static lane => lane.OnlyOrdered());

    public void Held(EndpointId endpoint, long key) => _lanes.Find(endpoint).Find(key)?.Hold(key);

    public void Recording(EndpointId endpoint, long key) => _lanes.Find(endpoint).Find(key)?.Recording(key);

    public void Recorded(EndpointId endpoint, long key) => _lanes.Find(endpoint).Find(key)?.Recorded(key);

    public void Released(EndpointId endpoint, long key) => _lanes.Find(endpoint).Find(key)?.Release(key);

    public void Due(EndpointId endpoint, DateTimeOffset at, long? key)
    {
        if (key is { } of)
        {
            _lanes.Find(endpoint).Find(of)?.Due(at);
        }
        else
        {
            _lanes.Find(endpoint).ForEach(lane => lane.Due(at));
        }
    }

    /// <summary>
    /// Stops the lanes. Attempts under way may finish within the time-out. A durable store keeps the rest; one that forgets is drained.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _running = false;
        if (store.IsDurable)
        {
            await _noNewTries.CancelAsync();
        }
        else
        {
            // The store's thread sees this, or its count is seen here.
            _draining = true;
            Interlocked.MemoryBarrierProcessWide();
            foreach (var (endpoint, served) in _lanes.All)
            {
                served.Drain();
                if (store.Waiting(endpoint) == 0)
                {
                    served.Complete();
                }
            }
        }

        await Task.WhenAny(EndedAsync(), Task.Delay(shutdown.Timeout, clock, cancellationToken));
        await _noNewTries.CancelAsync();
        await _giveUp.CancelAsync();
        await EndedAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        Task EndedAsync() => Task.WhenAll(_lanes.All.SelectMany(static served => served.Value.All).Select(static served => served.Ended));
    }

    public void Dispose()
    {
        // Both signals are cancelled and not disposed: a stop may still come.
        _noNewTries.Cancel();
        _giveUp.Cancel();
        foreach (var (endpoint, _) in _lanes.All)
        {
            _lanes.Forget(endpoint);
        }
    }

    /// <summary>Makes the endpoint's lanes and workers follow its settings, where this replica serves them.</summary>
    private void Serve(WebhookEndpoint endpoint, bool wasServedByOthers)
    {
        // Workers and timers that a request starts must not take its trace with them for as long as they live.
        using var noFlow = ExecutionContext.SuppressFlow();
        _lanes.Serve(endpoint, (id, part) => Begin(id, part, wasServedByOthers && ownership is not OwnsAll));
    }

    private ServedLane Begin(LaneId id, WebhookEndpoint endpoint, bool wasServedByOthers)
    {
        var term = LaneTerm.Of(ownership, _noNewTries.Token, _giveUp.Token);
        var gate = new LaneGate(circuits.Add(id, term.Signals.NoNewTries), clock);
        if (wasServedByOthers && endpoint.RateLimit is { } limit)
        {
            gate.BeginEmpty(limit);
        }

        var lane = new Lane(id, gate, _budget, store, clock, loggers.CreateLogger<Lane>());
        var worker = new LaneWorker(endpoint.Id, lane, deliver, term.Signals, defects, clock, loggers.CreateLogger<LaneWorker>());
        return new ServedLane(id, lane, gate, worker.RunAsync, _workers, term);
    }
}
