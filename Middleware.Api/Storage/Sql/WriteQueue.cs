using System.Collections.Concurrent;

namespace Middleware.Storage.Sql;

/// <summary>
/// The items that requests and workers hand to the writer. Each kind has a share of a group, so that neither starves the other. A group is all that
/// came while the last one was written: waiting for more costs more than a larger group saves. Only among other replicas, which share the server, the groups
/// of many requests are apart. Outcomes are in some of the groups (docs/decisions/0005-group-commit.md).
/// </summary>
/// <param name="clock">The clock of the times between groups.</param>
/// <param name="isAmongOthers">Says whether other replicas may commit to the same store; null for never.</param>
internal sealed class WriteQueue(TimeProvider clock, Func<bool>? isAmongOthers = null) : IDisposable
{
    /// <summary>The most outcomes, and the most changes, of one transaction; the last batch may exceed it.</summary>
    private const int Share = 512;

    /// <summary>The outcomes that are worth a transaction of their own; fewer wait for company, as no caller waits for them.</summary>
    private const int OutcomesWorthACommit = 128;

    /// <summary>The most outcomes that are held while they cannot be written; then the workers wait, and with them the deliveries.</summary>
    private const int OutcomesHeld = 4096;

    /// <summary>The most batches that are held, of up to a thousand outcomes each.</summary>
    private const int BatchesHeld = 64;

    private static readonly TimeSpan OutcomePatience = TimeSpan.FromMilliseconds(5);

    /// <summary>The time between two groups of requests that have outcomes too: those of many take as many statements as those of one.</summary>
    private static readonly TimeSpan OutcomesApart = TimeSpan.FromMilliseconds(10);

    /// <summary>As <see cref="OutcomesApart"/>, among other replicas.</summary>
    private static readonly TimeSpan OutcomesApartAmongOthers = TimeSpan.FromMilliseconds(20);

    /// <summary>The requests of a group after which the next one waits among other replicas. The senders of fewer would wait for longer than they save.</summary>
    private const int ManyRequests = 8;

    /// <summary>The time from such a group to the next.</summary>
    private static readonly TimeSpan GroupsApart = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentQueue<OutcomeItem> _outcomes = [];
    private readonly ConcurrentQueue<ChangeItem> _changes = [];
    private readonly ConcurrentQueue<TaskCompletionSource> _pings = [];
    private readonly SemaphoreSlim _outcomeRoom = new(OutcomesHeld);
    private readonly SemaphoreSlim _batchRoom = new(BatchesHeld);
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);
    private readonly ManualResetEventSlim _end = new();
    private int _outcomeCount;
    private long? _outcomesTakenAt;
    private long? _manyTakenAt;
    private volatile bool _areKeysChanged;
    private volatile bool _isAsleep;
    private volatile bool _isWoken;
    private volatile bool _completed;

    /// <summary>True when nothing more will come.</summary>
    public bool IsCompleted => _completed;

    public AcceptQueue Accepts { get; } = new();

    /// <summary>True when changes or other work wait for the writer.</summary>
    private bool IsUrgent => !_changes.IsEmpty || _isWoken;

    /// <summary>True when requests wait for it too.</summary>
    private bool IsAwaited => !Accepts.IsEmpty || IsUrgent;

    /// <summary>True when outcomes are worth being written beside requests: deliveries wait for those that change keys.</summary>
    private bool IsTimeForOutcomes =>
        _outcomeCount >= OutcomesWorthACommit || _areKeysChanged || _outcomesTakenAt is not { } taken
        || clock.GetElapsedTime(taken) >= (IsAmongOthers ? OutcomesApartAmongOthers : OutcomesApart);

    private bool IsAmongOthers => isAmongOthers?.Invoke() == true;

    /// <summary>False when too much waits already.</summary>
    public bool TryAdd(AcceptItem item)
    {
        if (!Accepts.TryAdd(item))
        {
            return false;
        }

        Interlocked.MemoryBarrier();
        if (_isAsleep)
        {
            _wake.Set();
        }

        return true;
    }

    /// <summary>Waits only while too many outcomes are held.</summary>
    public async ValueTask AddAsync(OutcomeItem item, CancellationToken cancellationToken)
    {
        await (item.Count > 1 ? _batchRoom : _outcomeRoom).WaitAsync(cancellationToken);
        _outcomes.Enqueue(item);
        if (item.ChangesKeys)
        {
            _areKeysChanged = true;
        }

        var count = Interlocked.Add(ref _outcomeCount, item.Count);
        if (count == item.Count || (count >= OutcomesWorthACommit && count - item.Count < OutcomesWorthACommit))
        {
            _wake.Set();
        }
    }

    public void Add(ChangeItem item)
    {
        _changes.Enqueue(item);
        _wake.Set();
    }

    /// <summary>Has the writer do at once what is to be done between two transactions, without one where there is nothing to write.</summary>
    public void Wake()
    {
        _isWoken = true;
        _wake.Set();
    }

    /// <summary>Completes as soon as the writer looks for items, on the thread pool.</summary>
    public Task PingAsync()
    {
        var ping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pings.Enqueue(ping);
        _wake.Set();
        return ping.Task;
    }

    /// <summary>Completes the queue. Queued items are still taken; after that <see cref="Take"/> is false.</summary>
    public void Complete()
    {
        _completed = true;
        _end.Set();
        _wake.Set();
    }

    /// <summary>Waits for an item to write, or to be woken; false when all are taken and no more will come.</summary>
    public bool Take(WriteGroup group)
    {
        AnswerPings();
        bool isWoken;
        do
        {
            if (group.IsEmpty)
            {
                WaitForGroup();
                if (Accepts.TryTakeAlone(group.Accepts))
                {
                    return true;
                }
            }

            var completed = _completed;
            isWoken = Interlocked.Exchange(ref _isWoken, false);
            TakeRequests(group.Accepts);
            while (group.Changes.Count < Share && _changes.TryDequeue(out var change))
            {
                group.Changes.Add(change);
            }

            // After the changes: none is written before the outcomes that came before it.
            if (group.Accepts.Count == 0 || group.Changes.Count > 0 || IsTimeForOutcomes)
            {
                TakeOutcomes(group.Outcomes);
            }

            if (completed && Accepts.IsEmpty)
            {
                return !group.IsEmpty;
            }
        }
        while (group.IsEmpty && !isWoken);

        return true;
    }

    /// <summary>Waits until <paramref name="time"/> has passed or nothing more will come.</summary>
    public void Pause(TimeSpan time) => _end.Wait(time);

    public void Dispose()
    {
        _wake.Dispose();
        _end.Dispose();
        _outcomeRoom.Dispose();
        _batchRoom.Dispose();
    }

    private void AnswerPings()
    {
        while (_pings.TryDequeue(out var ping))
        {
            ping.SetResult();
        }
    }

    private void TakeRequests(List<AcceptItem> accepts)
    {
        var before = accepts.Count;
        Accepts.Take(accepts);
        if (accepts.Count > before)
        {
            _manyTakenAt = accepts.Count - before >= ManyRequests ? clock.GetTimestamp() : null;
        }
    }

    private void TakeOutcomes(List<OutcomeItem> outcomes)
    {
        _areKeysChanged = false;
        var before = outcomes.Count;
        var room = Share - outcomes.Sum(static outcome => outcome.Count);
        while (room > 0 && _outcomes.TryDequeue(out var outcome))
        {
            outcomes.Add(outcome);
            room -= outcome.Count;
        }

        if (outcomes.Count == before)
        {
            return;
        }

        _outcomesTakenAt = clock.GetTimestamp();
        var taken = outcomes[before..];
        var batches = taken.Count(static outcome => outcome.Count > 1);
        Interlocked.Add(ref _outcomeCount, -taken.Sum(static outcome => outcome.Count));
        Release(_outcomeRoom, taken.Count - batches);
        Release(_batchRoom, batches);
    }

    private static void Release(SemaphoreSlim room, int count)
    {
        if (count > 0)
        {
            room.Release(count);
        }
    }

    private void WaitForGroup()
    {
        Sleep(static queue => queue.IsAwaited || queue._outcomeCount > 0, Timeout.InfiniteTimeSpan);
        Sleep(static queue => queue.IsAwaited || queue._outcomeCount >= OutcomesWorthACommit, OutcomePatience);
        if (_manyTakenAt is { } taken && GroupsApart - clock.GetElapsedTime(taken) is { Ticks: > 0 } left && !IsUrgent && IsAmongOthers)
        {
            Sleep(static queue => queue.IsUrgent, left, isWokenByRequests: false);
        }
    }

    /// <summary>Waits until there is enough, at most <paramref name="patience"/>. A request wakes the writer only when it sleeps.</summary>
    private void Sleep(Func<WriteQueue, bool> isEnough, TimeSpan patience, bool isWokenByRequests = true)
    {
        // The writer notes that it sleeps before it looks once more; a request is in the queue before it looks for that note.
        _wake.Reset();
        _isAsleep = isWokenByRequests;
        Interlocked.MemoryBarrier();
        AnswerPings();
        var began = clock.GetTimestamp();
        while (!isEnough(this) && !_completed && _wake.Wait(Left()))
        {
            // Woken, but not by enough: an outcome, a ping, or an item taken before.
            _wake.Reset();
            AnswerPings();
        }

        _isAsleep = false;

        TimeSpan Left() => patience == Timeout.InfiniteTimeSpan ? patience : TimeSpan.FromTicks(Math.Max(0, (patience - clock.GetElapsedTime(began)).Ticks));
    }
}
