using Middleware.Domain;

namespace Middleware.Workers;

/// <summary>The lane of one endpoint and the workers that serve it, of whom there may be more or fewer at any time.</summary>
/// <param name="lane">What they take from; owned.</param>
/// <param name="gate">What they pass before; owned.</param>
/// <param name="work">What a worker does until its token is cancelled; a delivery under way is brought to its end.</param>
/// <param name="stop">Ends all of them.</param>
internal sealed class ServedLane(Lane lane, LaneGate gate, Func<CancellationToken, Task> work, CancellationToken stop) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<CancellationTokenSource> _workers = [];
    private readonly List<Task> _running = [];

    /// <summary>Told of each worker that ended by a defect: fewer serve the lane than the endpoint says. Does not throw.</summary>
    public event Action? Failed;

    public Lane Lane => lane;

    /// <summary>Completes when every worker there has been has ended.</summary>
    public Task Ended
    {
        get
        {
            lock (_gate)
            {
                return Task.WhenAll(_running);
            }
        }
    }

    /// <summary>Serves the endpoint as it is now. While it is disabled its deliveries wait: nobody takes them. One at a time.</summary>
    public void Follow(WebhookEndpoint endpoint)
    {
        gate.Follow(endpoint);
        lane.Follow(endpoint.Batch);
        SetWorkers(endpoint.IsEnabled ? endpoint.Workers : 0);
    }

    public void Dispose()
    {
        SetWorkers(0);
        lane.Dispose();
        gate.Dispose();
    }

    private async Task WorkAsync(CancellationToken leave)
    {
        try
        {
            await work(leave);
        }
        catch
        {
            Failed?.Invoke();
            throw;
        }
    }

    /// <summary>Lets so many work; those that are too many end as soon as they are done with what they do.</summary>
    private void SetWorkers(int count)
    {
        lock (_gate)
        {
            _running.RemoveAll(static worker => worker.IsCompletedSuccessfully);
            while (_workers.Count < count)
            {
                var leave = CancellationTokenSource.CreateLinkedTokenSource(stop);
                _workers.Push(leave);
                _running.Add(Task.Run(() => WorkAsync(leave.Token), CancellationToken.None));
            }

            while (_workers.Count > count)
            {
                _workers.Pop().Cancel();
            }
        }
    }
}
