using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<EndpointId, ServedLanes> _lanes = [];
    private readonly LaneBudget _budget = new();
    private readonly WorkerLimit _workers = new(limits.MostWorkers);

    // Those that are served no more, for as long as attempts are under way.
    private readonly List<ServedLane> _ending = [];

    // The numbers of the layouts that were followed, of endpoints that had several.
    private readonly Dictionary<EndpointId, int> _layouts = [];
    private readonly Lock _serving = new();
    private readonly CancellationTokenSource _noNewTries = new();
    private readonly CancellationTokenSource _giveUp = new();
    private volatile bool _running;
    private volatile bool _draining;

    /// <summary>True while workers take deliveries.</summary>
    public bool IsRunning => _running;

    public int Lanes => _lanes.Sum(static served => served.Value.All.Count());

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
        var left = Take(which);
        await using (cancellationToken.Register(() => left.ForEach(static lane => lane.GiveUp())))
        {
            await Task.WhenAll(left.Select(static lane => lane.Ended));
        }

        left.ForEach(static lane => lane.Dispose());
    }

    public void Lost(Func<LaneId, bool> which) => Take(which).ForEach(static lane => lane.Dispose());

    public void BreakOff()
    {
        lock (_serving)
        {
            _ending.ForEach(static lane => lane.GiveUp());
            _ending.Clear();
        }
    }

    public bool IsEnding(EndpointId endpoint, int shard, LaneLayout layout)
    {
        lock (_serving)
        {
            return Find(endpoint).Any(IsFormer) || _ending.Exists(lane => IsFormer(lane.Id) && !lane.Ended.IsCompleted);
        }

        bool IsFormer(LaneId lane) => lane.Endpoint == endpoint && lane.Shard == shard && lane.Layout != layout;
    }

    /// <summary>Applies a change of an endpoint to its lanes.</summary>
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

    public void Committed(Delivery delivery) => Find(delivery.EndpointId).Offer(delivery);

    /// <summary>Passes on new pending deliveries. Those of an endpoint that is gone stay pending: it has no lane.</summary>
    public void Queued(EndpointId endpoint, Priority priority, long sequence) => Find(endpoint).ForEach(lane => lane.Queued(priority, sequence));

    public void Erased(EndpointId endpoint, Priority priority, IReadOnlySet<long> sequences) => Find(endpoint).ForEach(lane => lane.Erase(priority, sequences));

    /// <summary>Completes the lanes of an endpoint while the lanes are drained.</summary>
    public void Drained(EndpointId endpoint)
    {
        if (_draining)
        {
            Find(endpoint).ForEach(static lane => lane.Complete());
        }
    }

    public void OnlyOrdered(EndpointId endpoint) => Find(endpoint).ForEach(static lane => lane.OnlyOrdered());

    public void Held(EndpointId endpoint, long key) => Find(endpoint).Find(key)?.Hold(key);

    public void Recording(EndpointId endpoint, long key) => Find(endpoint).Find(key)?.Recording(key);

    public void Recorded(EndpointId endpoint, long key) => Find(endpoint).Find(key)?.Recorded(key);

    public void Released(EndpointId endpoint, long key) => Find(endpoint).Find(key)?.Release(key);

    public void Due(EndpointId endpoint, DateTimeOffset at) => Find(endpoint).ForEach(lane => lane.Due(at));

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
                served.ForEach(static lane => lane.Hurry());
                if (store.Waiting(endpoint) == 0)
                {
                    served.ForEach(static lane => lane.Complete());
                }
            }
        }

        var workers = Task.WhenAll(_lanes.Values.SelectMany(static served => served.All).Select(static served => served.Ended));
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

    private ServedLanes Find(EndpointId endpoint) => _lanes.GetValueOrDefault(endpoint, ServedLanes.None);

    /// <summary>Ends lanes, and returns them with those of them that are ending already.</summary>
    private List<ServedLane> Take(Func<LaneId, bool> which)
    {
        lock (_serving)
        {
            foreach (var served in _lanes.Values)
            {
                if (served.Any(which))
                {
                    End(served, which);
                }
            }

            return [.. _ending.Where(lane => which(lane.Id))];
        }
    }

    /// <summary>Ends some lanes of an endpoint, and returns the others.</summary>
    private ServedLanes End(ServedLanes served, Func<LaneId, bool> which)
    {
        List<ServedLane> ended = [.. served.All.Where(lane => which(lane.Id))];
        var left = new ServedLanes(served.Layout, served.All.Except(ended));
        Set(ended[0].Id.Endpoint, left);
        _ending.RemoveAll(static lane => lane.Ended.IsCompleted);
        foreach (var lane in ended)
        {
            circuits.Remove(lane.Id);
            lane.End();
            _ending.Add(lane);
        }

        return left;
    }

    private void Set(EndpointId endpoint, ServedLanes served)
    {
        if (served.All.Any())
        {
            _lanes[endpoint] = served;
        }
        else
        {
            _lanes.TryRemove(endpoint, out _);
        }
    }

    /// <summary>Makes the endpoint's lanes and workers follow its settings, where this replica serves them.</summary>
    private void Serve(WebhookEndpoint endpoint, bool wasServedByOthers)
    {
        // Workers and timers that a request starts must not take its trace with them for as long as they live.
        using var noFlow = ExecutionContext.SuppressFlow();
        lock (_serving)
        {
            if (IsReplaced(endpoint))
            {
                return;
            }

            var lanes = ownership.LanesOf(endpoint);
            var served = Find(endpoint.Id);
            if (ownership is not OwnsAll && served.Any(lane => lane.Layout != endpoint.Layout))
            {
                var former = served;
                served = End(former, lane => lane.Layout != endpoint.Layout);
                former.All.Except(served.All).ToList().ForEach(static lane => lane.Dispose());
            }

            List<ServedLane> added = [.. lanes.Where(id => !served.All.Any(lane => lane.Id == id)).Select(id => Begin(id, endpoint, wasServedByOthers && ownership is not OwnsAll))];
            if (added.Count > 0)
            {
                served = new ServedLanes(added[0].Id.Layout, [.. served.All, .. added]);
                Set(endpoint.Id, served);
                added.ForEach(static lane => lane.Lane.Start());
            }

            foreach (var lane in served.All.Where(lane => lanes.Contains(lane.Id)))
            {
                lane.Follow(ownership is OwnsAll ? endpoint : endpoint.ShardOf(lane.Id.Shard));
            }
        }
    }

    /// <summary>True for an endpoint with a former layout: who gained its lanes read it before a change that was followed meanwhile.</summary>
    private bool IsReplaced(WebhookEndpoint endpoint)
    {
        if (_layouts.GetValueOrDefault(endpoint.Id) > endpoint.Layout.Number)
        {
            return true;
        }

        if (endpoint.Layout.Number > 0)
        {
            _layouts[endpoint.Id] = endpoint.Layout.Number;
        }

        return false;
    }

    private ServedLane Begin(LaneId id, WebhookEndpoint endpoint, bool wasServedByOthers)
    {
        var term = LaneTerm.Of(ownership, _noNewTries.Token, _giveUp.Token);
        var gate = new LaneGate(circuits.Add(id, term.Signals.NoNewTries), clock);
        if (wasServedByOthers && endpoint.ShardOf(id.Shard).RateLimit is { } limit)
        {
            gate.BeginEmpty(limit);
        }

        var lane = new Lane(id, gate, _budget, store, clock, loggers.CreateLogger<Lane>());
        var worker = new LaneWorker(endpoint.Id, lane, deliver, term.Signals, defects, clock, loggers.CreateLogger<LaneWorker>());
        return new ServedLane(id, lane, gate, worker.RunAsync, _workers, clock, term);
    }

    private void Forget(EndpointId endpoint)
    {
        lock (_serving)
        {
            _layouts.Remove(endpoint);
            if (_lanes.TryRemove(endpoint, out var served))
            {
                foreach (var lane in served.All)
                {
                    lane.Dispose();
                    circuits.Remove(lane.Id);
                }
            }
        }
    }
}
