using System.Collections.Concurrent;

namespace Middleware.Storage.Sqlite;

/// <summary>
/// What requests and workers hand to the writer. Each kind has a share of a group, so that neither starves the other. Under load the
/// writer waits a moment for as many requests as the last group had: a flush costs the same for one event as for a hundred.
/// </summary>
internal sealed class WriteQueue : IDisposable
{
    /// <summary>How many of each kind one transaction takes at most.</summary>
    private const int Share = 512;

    /// <summary>So many outcomes are worth a transaction of their own; fewer wait for company, nobody waits for them.</summary>
    private const int OutcomesWorthACommit = 128;

    private static readonly TimeSpan OutcomePatience = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentQueue<AcceptItem> _accepts = [];
    private readonly ConcurrentQueue<OutcomeItem> _outcomes = [];
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _end = new();
    private readonly GroupSize _groupSize = new();
    private int _acceptCount;
    private int _outcomeCount;
    private int _acceptsToWakeFor = int.MaxValue;
    private volatile bool _completed;

    /// <summary>True when nothing more will come.</summary>
    public bool IsCompleted => _completed;

    public void Add(AcceptItem item)
    {
        _accepts.Enqueue(item);
        if (Interlocked.Increment(ref _acceptCount) >= Volatile.Read(ref _acceptsToWakeFor))
        {
            _wake.Set();
        }
    }

    public void Add(OutcomeItem item)
    {
        _outcomes.Enqueue(item);
        if (Interlocked.Increment(ref _outcomeCount) is 1 or OutcomesWorthACommit)
        {
            _wake.Set();
        }
    }

    /// <summary>What is queued is still taken; after that <see cref="Take"/> is false.</summary>
    public void Complete()
    {
        _completed = true;
        _end.Set();
        _wake.Set();
    }

    /// <summary>Waits for something to write; false when all is taken and there will be nothing more.</summary>
    public bool Take(List<AcceptItem> accepts, List<OutcomeItem> outcomes)
    {
        while (accepts.Count + outcomes.Count == 0)
        {
            WaitForGroup();
            var completed = _completed;
            Fill(_accepts, accepts, ref _acceptCount);
            Fill(_outcomes, outcomes, ref _outcomeCount);
            if (completed)
            {
                return accepts.Count + outcomes.Count > 0;
            }
        }

        return true;
    }

    /// <summary>Waits until <paramref name="time"/> has passed or nothing more will come.</summary>
    public void Pause(TimeSpan time) => _end.Wait(time);

    public void Dispose()
    {
        _wake.Dispose();
        _end.Dispose();
    }

    private static void Fill<T>(ConcurrentQueue<T> queue, List<T> items, ref int count)
    {
        var before = items.Count;
        while (items.Count < Share && queue.TryDequeue(out var item))
        {
            items.Add(item);
        }

        Interlocked.Add(ref count, before - items.Count);
    }

    private void WaitForGroup()
    {
        Sleep(static queue => queue._acceptCount + queue._outcomeCount > 0, acceptsToWakeFor: 1, Timeout.InfiniteTimeSpan);
        Sleep(static queue => queue._acceptCount > 0 || queue._outcomeCount >= OutcomesWorthACommit, acceptsToWakeFor: 1, OutcomePatience);

        var expected = _groupSize.Expected;
        if (_acceptCount > 0 && expected > 1)
        {
            Sleep(queue => queue._acceptCount >= expected, expected, GroupSize.Patience);
        }

        _groupSize.Note(Math.Min(_acceptCount, Share));
    }

    /// <summary>Waits until it is enough, at most <paramref name="patience"/>. A producer wakes the writer only when it made it enough.</summary>
    private void Sleep(Func<WriteQueue, bool> isEnough, int acceptsToWakeFor, TimeSpan patience)
    {
        _wake.Reset();
        Interlocked.Exchange(ref _acceptsToWakeFor, acceptsToWakeFor);
        while (!isEnough(this) && !_completed && _wake.Wait(patience))
        {
            // Woken, but not by enough: an outcome, or what was taken before.
            _wake.Reset();
        }

        Interlocked.Exchange(ref _acceptsToWakeFor, int.MaxValue);
    }
}
