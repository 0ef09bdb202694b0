using System.Collections.Concurrent;

namespace Middleware.Storage.Sqlite;

/// <summary>What requests and workers hand to the writer. Each kind has a share of a group, so that neither starves the other.</summary>
internal sealed class WriteQueue : IDisposable
{
    /// <summary>How many of each kind one transaction takes at most.</summary>
    private const int Share = 512;

    private readonly ConcurrentQueue<AcceptItem> _accepts = [];
    private readonly ConcurrentQueue<OutcomeItem> _outcomes = [];
    private readonly ManualResetEventSlim _wake = new();
    private readonly ManualResetEventSlim _end = new();
    private int _sleeping;
    private volatile bool _completed;

    public void Add(AcceptItem item)
    {
        _accepts.Enqueue(item);
        Wake();
    }

    public void Add(OutcomeItem item)
    {
        _outcomes.Enqueue(item);
        Wake();
    }

    /// <summary>What is queued is still taken; after that <see cref="Take"/> is false.</summary>
    public void Complete()
    {
        _completed = true;
        _end.Set();
        Wake();
    }

    /// <summary>True when nothing more will come.</summary>
    public bool IsCompleted => _completed;

    /// <summary>Waits for something to write; false when all is taken and there will be nothing more.</summary>
    public bool Take(List<AcceptItem> accepts, List<OutcomeItem> outcomes)
    {
        while (true)
        {
            var completed = _completed;
            Fill(_accepts, accepts);
            Fill(_outcomes, outcomes);
            if (accepts.Count + outcomes.Count > 0)
            {
                return true;
            }

            if (completed)
            {
                return false;
            }

            Wait();
        }
    }

    /// <summary>Waits until <paramref name="time"/> has passed or nothing more will come.</summary>
    public void Pause(TimeSpan time) => _end.Wait(time);

    public void Dispose()
    {
        _wake.Dispose();
        _end.Dispose();
    }

    private static void Fill<T>(ConcurrentQueue<T> queue, List<T> items)
    {
        while (items.Count < Share && queue.TryDequeue(out var item))
        {
            items.Add(item);
        }
    }

    private void Wait()
    {
        // A producer wakes the writer only when it sleeps, and the writer looks once more after saying that it will.
        _wake.Reset();
        Interlocked.Exchange(ref _sleeping, 1);
        if (_accepts.IsEmpty && _outcomes.IsEmpty && !_completed)
        {
            _wake.Wait();
        }

        Interlocked.Exchange(ref _sleeping, 0);
    }

    private void Wake()
    {
        // The item is visible before the question whether the writer sleeps.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeping) == 1 && Interlocked.Exchange(ref _sleeping, 0) == 1)
        {
            _wake.Set();
        }
    }
}
