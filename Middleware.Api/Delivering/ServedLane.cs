using Middleware.Endpoints;

namespace Middleware.Delivering;

/// <summary>
/// The lane of one endpoint or shard, and the workers that serve it. A worker starts when a delivery is ready, none is idle and fewer run than the endpoint
/// allows. Idle workers end, so that they use up nothing of the limit over all lanes.
/// </summary>
/// <param name="id">Of the lane.</param>
/// <param name="lane">The source of their deliveries; owned.</param>
/// <param name="gate">The gate before each delivery; owned.</param>
/// <param name="work">The work of one worker until its token is cancelled; a delivery under way is brought to its end.</param>
/// <param name="limit">The limit of workers over all lanes.</param>
/// <param name="clock">The clock of the time after which idle ones end.</param>
/// <param name="term">The time for which the lane is served: its end ends all of them.</param>
internal sealed class ServedLane(LaneId id, Lane lane, LaneGate gate, Func<CancellationToken, Task> work, WorkerLimit limit, TimeProvider clock, LaneTerm term)
    : IDisposable
{
    /// <summary>The time after which an idle worker ends, or up to twice as much.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly HashSet<CancellationTokenSource> _workers = [];
    private readonly HashSet<Task> _running = [];
    private int _most;

    // Those that are to end are among them: they may have a delivery under way.
    private int _count;
    private int _starting;
    private ITimer? _sweeps;

    public LaneId Id => id;

    public Lane Lane => lane;

    /// <summary>Completes when no worker runs any more.</summary>
    public Task Ended => EndAsync();

    /// <summary>Serves the endpoint as it is now. While it is disabled its deliveries wait without a worker. One at a time.</summary>
    public void Follow(WebhookEndpoint endpoint)
    {
        gate.Follow(endpoint);
        lane.Follow(endpoint.Batch, isOrdered: endpoint.Ordering is not null);
        lane.Demand.Unattended = Reinforce;
        SetMost(endpoint.IsEnabled ? endpoint.Workers : 0);
        lane.Demand.Attend();
    }

    /// <summary>Starts no more attempts.</summary>
    public void End() => term.End();

    /// <summary>Breaks off the attempts under way.</summary>
    public void GiveUp() => term.GiveUp();

    public void Dispose()
    {
        lane.Demand.Unattended = null;
        SetMost(0);
        lane.Dispose();
        gate.Dispose();
    }

    private void Reinforce()
    {
        // Those that are about to begin take a delivery too.
        if (Volatile.Read(ref _count) >= Volatile.Read(ref _most) || lane.Demand.Wanted <= Volatile.Read(ref _starting) || term.Signals.NoNewTries.IsCancellationRequested)
        {
            return;
        }

        lock (_gate)
        {
            if (_count < _most && limit.TryAdd(isFirst: _count == 0))
            {
                Start();
            }
        }
    }

    private void Start()
    {
        var leave = CancellationTokenSource.CreateLinkedTokenSource(term.Signals.NoNewTries);
        _workers.Add(leave);
        _count++;
        Interlocked.Increment(ref _starting);

        // It must not keep its starter's trace for as long as it lives.
        using var noFlow = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        _sweeps ??= clock.CreateTimer(static lane => ((ServedLane)lane!).Sweep(), this, Patience, Patience);
        _running.Add(Task.Run(() => WorkAsync(leave), CancellationToken.None));
    }

    private async Task WorkAsync(CancellationTokenSource leave)
    {
        Interlocked.Decrement(ref _starting);
        try
        {
            await work(leave.Token);
        }
        finally
        {
            limit.Remove();
            lock (_gate)
            {
                _count--;
                _workers.Remove(leave);
                StopSweepsOfNone();
                _running.RemoveWhere(static worker => worker.IsCompleted);
            }

            // It may have ended by a defect, or with a delivery at hand that is ready again.
            lane.Demand.Attend();
            leave.Dispose();
        }
    }

    /// <summary>Sets the most workers; surplus ones end after their delivery.</summary>
    private void SetMost(int count)
    {
        lock (_gate)
        {
            Volatile.Write(ref _most, count);
            Dismiss(_workers.Count - count);
        }
    }

    private void Sweep()
    {
        var idle = lane.Demand.TakeLeastIdle();
        lock (_gate)
        {
            Dismiss(idle);
        }
    }

    private void Dismiss(int count)
    {
        foreach (var leave in _workers.Take(Math.Max(0, count)).ToList())
        {
            _workers.Remove(leave);
            leave.Cancel();
        }

        StopSweepsOfNone();
    }

    private void StopSweepsOfNone()
    {
        if (_workers.Count == 0)
        {
            _sweeps?.Dispose();
            _sweeps = null;
        }
    }

    private async Task EndAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_gate)
            {
                running = [.. _running.Where(static worker => !worker.IsCompleted)];
            }

            if (running.Length == 0)
            {
                return;
            }

            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
