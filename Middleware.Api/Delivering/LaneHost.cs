using System.Collections.Concurrent;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Telemetry;

namespace Middleware.Delivering;

/// <summary>
/// Runs the lanes: feeds each with committed deliveries and has its workers deliver until the stop. The lane of an endpoint that is added, changed,
/// disabled or removed follows at once.
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
    private readonly ConcurrentDictionary<EndpointId, ServedLane> _lanes = [];
    private readonly LaneBudget _budget = new();
    private readonly WorkerLimit _workers = new(limits.MostWorkers);
    private readonly List<ServedLane> _lost = [];
    private readonly Lock _serving = new();
    private readonly CancellationTokenSource _noNewTries = new();
    private readonly CancellationTokenSource _giveUp = new();
    private volatile bool _running;
    private volatile bool _draining;

    /// <summary>True while workers take deliveries.</summary>
    public bool IsRunning => _running;

    public int Lanes => _lanes.Count;

    /// <summary>The workers that run over all lanes.</summary>
    public int Workers => _workers.Running;

    public long HeldBytes => _budget.Held;

    /// <summary>Serves the endpoints of the registry whose lanes are owned. Changes are followed already.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await ownership.StartAsync(this, cancellationToken);
        _running = true;
    }

    public void Gained(Func<EndpointId, bool> which)
    {
        foreach (var endpoint in endpoints.All)
        {
            if (which(endpoint.Id))
            {
                Serve(endpoint, wasServedByOthers: true);
            }
        }
    }

    public async Task LeaveAsync(Func<EndpointId, bool> which, CancellationToken cancellationToken)
    {
        var left = Take(which);
        left.ForEach(static lane => lane.End());
        await using (cancellationToken.Register(() => left.ForEach(static lane => lane.GiveUp())))
        {
            await Task.WhenAll(left.Select(static lane => lane.Ended));
        }

        left.ForEach(static lane => lane.Dispose());
    }

    public void Lost(Func<EndpointId, bool> which)
    {
        foreach (var lane in Take(which))
        {
            lane.End();
            lane.Dispose();
            lock (_lost)
            {
                _lost.RemoveAll(static one => one.Ended.IsCompleted);
                _lost.Add(lane);
            }
        }
    }

    public void BreakOff()
    {
        lock (_lost)
        {
            _lost.ForEach(static lane => lane.GiveUp());
            _lost.Clear();
        }
    }

    /// <summary>Applies a change of an endpoint to its lane.</summary>
    public void Follow(EndpointChanged change)
    {
        if (change.Now is { } endpoint)
        {
            Serve(endpoint, wasServedByOthers: false);
        }
        else
        {
            Forget(change.Id);
        }
    }

    public void Committed(Delivery delivery) => Find(delivery.EndpointId)?.Offer(delivery);

    /// <summary>Passes on new pending deliveries. Those of an endpoint that is gone stay pending: it has no lane.</summary>
    public void Queued(EndpointId endpoint, Priority priority, long sequence) => Find(endpoint)?.Queued(priority, sequence);

    public void Erased(EndpointId endpoint, Priority priority, IReadOnlySet<long> sequences) => Find(endpoint)?.Erase(priority, sequences);

    /// <summary>Completes the lane of an endpoint while the lanes are drained.</summary>
    public void Drained(EndpointId endpoint)
    {
        if (_draining)
        {
            Find(endpoint)?.Complete();
        }
    }

    public void OnlyOrdered(EndpointId endpoint) => Find(endpoint)?.OnlyOrdered();

    public void Held(EndpointId endpoint, long key) => Find(endpoint)?.Hold(key);

    public void Recording(EndpointId endpoint, long key) => Find(endpoint)?.Recording(key);

    public void Recorded(EndpointId endpoint, long key) => Find(endpoint)?.Recorded(key);

    public void Released(EndpointId endpoint, long key) => Find(endpoint)?.Release(key);

    public void Due(EndpointId endpoint, DateTimeOffset at) => Find(endpoint)?.Due(at);

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
            foreach (var (endpoint, served) in _lanes)
            {
                served.Lane.Hurry();
                if (store.Waiting(endpoint) == 0)
                {
                    served.Lane.Complete();
                }
            }
        }

        var workers = Task.WhenAll(_lanes.Values.Select(static served => served.Ended));
        await Task.WhenAny(workers, Task.Delay(shutdown.Timeout, clock, cancellationToken));
        await _noNewTries.CancelAsync();
        await _giveUp.CancelAsync();
        await workers.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        // Both signals are cancelled and not disposed: a stop may still come.
        _noNewTries.Cancel();
        _giveUp.Cancel();
        foreach (var endpoint in _lanes.Keys)
        {
            Forget(endpoint);
        }
    }

    /// <summary>The lane of an endpoint; null for one that is not served here.</summary>
    private Lane? Find(EndpointId endpoint) => _lanes.TryGetValue(endpoint, out var served) ? served.Lane : null;

    private List<ServedLane> Take(Func<EndpointId, bool> which)
    {
        var taken = new List<ServedLane>();
        lock (_serving)
        {
            foreach (var id in _lanes.Keys)
            {
                if (which(id) && _lanes.TryRemove(id, out var served))
                {
                    circuits.Remove(id);
                    taken.Add(served);
                }
            }
        }

        return taken;
    }

    /// <summary>Makes the endpoint's lane and workers follow its settings, where this replica serves it.</summary>
    private void Serve(WebhookEndpoint endpoint, bool wasServedByOthers)
    {
        if (!ownership.Owns(endpoint.Id))
        {
            return;
        }

        // Workers and timers that a request starts must not take its trace with them for as long as they live.
        using var noFlow = ExecutionContext.SuppressFlow();
        lock (_serving)
        {
            ServeOwned(endpoint, wasServedByOthers && ownership is not OwnsAll);
        }
    }

    private void ServeOwned(WebhookEndpoint endpoint, bool wasServedByOthers)
    {
        if (!_lanes.TryGetValue(endpoint.Id, out var served))
        {
            var term = LaneTerm.Of(ownership, _noNewTries.Token, _giveUp.Token);
            var gate = new LaneGate(circuits.Add(endpoint.Id, term.Signals.NoNewTries), clock);
            if (wasServedByOthers && endpoint.RateLimit is { } limit)
            {
                gate.BeginEmpty(limit);
            }

            var lane = new Lane(endpoint.Id, gate, _budget, store, clock, loggers.CreateLogger<Lane>());
            var worker = new LaneWorker(endpoint.Id, lane, deliver, term.Signals, defects, clock, loggers.CreateLogger<LaneWorker>());
            served = _lanes[endpoint.Id] = new ServedLane(lane, gate, worker.RunAsync, _workers, clock, term);
            lane.Start();
        }

        served.Follow(endpoint);
    }

    private void Forget(EndpointId endpoint)
    {
        if (_lanes.TryRemove(endpoint, out var served))
        {
            served.Dispose();
            circuits.Remove(endpoint);
        }
    }
}
