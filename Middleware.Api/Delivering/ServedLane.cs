using Middleware.Endpoints;

namespace Middleware.Delivering;

/// <summary>
/// The lane of one endpoint or shard, and the workers that serve it. A worker starts when a delivery is ready and fewer run than the endpoint allows. It ends
/// when none is ready any more, so that it uses up nothing of the limit over all lanes.
/// </summary>
/// <param name="id">Of the lane.</param>
/// <param name="lane">The source of their deliveries; owned.</param>
/// <param name="gate">The gate before each delivery; owned.</param>
/// <param name="work">The work of one worker until none is ready or its token is cancelled; a delivery under way is brought to its end.</param>
/// <param name="limit">The limit of workers over all lanes.</param>
/// <param name="term">The time for which the lane is served: its end ends all of them.</param>
internal sealed class ServedLane(LaneId id, Lane lane, LaneGate gate, Func<CancellationToken, Task> work, WorkerLimit limit, LaneTerm term) : IDisposable
{
    private readonly Lock _gate = new();
    private int _most;

    // Those that are to end are among them: they may have a delivery under way.
    private int _count;
    private int _starting;

    // Made for the first worker, and again when there are to be fewer.
    private CancellationTokenSource? _leave;
    private TaskCompletionSource? _ended;
    private bool _drains;

    public LaneId Id => id;

    public Lane Lane => lane;

    /// <summary>Completes when no worker runs any more. Of a lane that drains, when none will run either: it is complete, or the endpoint is disabled.</summary>
    public Task Ended
    {
        get
        {
            lock (_gate)
            {
                return HasEnded ? Task.CompletedTask : (_ended ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    private bool HasEnded => _count == 0 && (!_drains || _most == 0 || lane.Demand.IsComplete || term.Signals.NoNewTries.IsCancellationRequested);

    /// <summary>Serves the endpoint as it is now. While it is disabled its deliveries wait without a worker. One at a time.</summary>
    public void Follow(WebhookEndpoint endpoint)
    {
        gate.Follow(endpoint);
        lane.Follow(endpoint.Batch, isOrdered: endpoint.Ordering is not null);
        lane.Demand.Unattended = Reinforce;
        SetMost(endpoint.IsEnabled ? endpoint.Workers : 0);
        lane.Demand.Attend();
    }

    /// <summary>Has the lane end when it is complete; nothing waits for more deliveries.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            _drains = true;
        }

        lane.Hurry();
    }

    /// <summary>Notes that no more deliveries come: what is held is delivered.</summary>
    public void Complete()
    {
        lane.Complete();
        lock (_gate)
        {
            TellOfEnd();
        }
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
                _leave ??= CancellationTokenSource.CreateLinkedTokenSource(term.Signals.NoNewTries);
                _count++;
                Interlocked.Increment(ref _starting);

                // Without the trace of its starter.
                ThreadPool.UnsafeQueueUserWorkItem(static start => _ = start.Lane.WorkAsync(start.Leave), (Lane: this, Leave: _leave.Token), preferLocal: false);
            }
        }
    }

    private async Task WorkAsync(CancellationToken leave)
    {
        Interlocked.Decrement(ref _starting);
        try
        {
            await work(leave);
        }
        finally
        {
            limit.Remove();
            lock (_gate)
            {
                _count--;
                TellOfEnd();
            }

            // It may have ended by a defect, when another was refused, or with a delivery at hand that is ready again.
            lane.Demand.Attend();
        }
    }

    /// <summary>Sets the most workers. If there are to be fewer, all end after their delivery, and as many begin as may.</summary>
    private void SetMost(int count)
    {
        CancellationTokenSource? leave = null;
        lock (_gate)
        {
            if (count < _most)
            {
                (leave, _leave) = (_leave, null);
            }

            Volatile.Write(ref _most, count);
            TellOfEnd();
        }

        // Disposed of at once: what is cancelled stays so for those that have its token.
        leave?.Cancel();
        leave?.Dispose();
    }

    private void TellOfEnd()
    {
        if (_ended is not null && HasEnded)
        {
            _ended.SetResult();
            _ended = null;
        }
    }
}
