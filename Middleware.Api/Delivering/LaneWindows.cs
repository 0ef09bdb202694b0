using System.Collections.Frozen;
using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// A lane's windows on the pending deliveries in the store, one for each priority. A delivery without room stays in the store and is read later, so a
/// lane costs the same however much waits.
/// </summary>
internal sealed partial class LaneWindows(
    EndpointId endpoint, LaneDemand demand, LaneBudget budget, IDeliveryStore store, TimeProvider clock, ILogger logger) : IDisposable
{
    // Doubled by each failure in a row: a database that was away for long is back at some time, and the lane waits for it.
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(1);

    private readonly LaneWindow[] _windows = [.. Priorities.HighestFirst.Select(priority => new LaneWindow(priority, budget, store.Streams))];

    // Cancelled and not disposed: a commit may reach a lane that has just gone.
    private readonly CancellationTokenSource _stopped = new();
    private FrozenSet<(Priority Priority, long Sequence)> _inBatches = [];
    private volatile bool _started;

    /// <summary>Reads what was pending before: first the batches that were under way when the last process ended, which are sent again.</summary>
    public async Task StartAsync(GivenBack givenBack)
    {
        budget.AddLanes(1);
        try
        {
            var batches = await ReadAsync(() => new ValueTask<IReadOnlyList<Shipment>>(store.ReadBatchesAsync(endpoint)), priority: null);
            _inBatches = batches.SelectMany(static batch => batch.Deliveries).Select(static delivery => (delivery.Priority, delivery.Sequence)).ToFrozenSet();
            foreach (var batch in batches)
            {
                givenBack.Add(batch, wasProbe: false);
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            LaneStopped(endpoint.Value);
            return;
        }

        _started = true;
        foreach (var window in _windows)
        {
            RefillIfBehind(window);
        }
    }

    /// <summary>Takes in a committed delivery, or leaves it in the store when there is no room. Called in order of sequence.</summary>
    public void Offer(Delivery delivery)
    {
        var window = WindowOf(delivery.Priority);
        if (window.Offer(delivery))
        {
            demand.Ready();
        }
        else
        {
            // The workers may have emptied the window before it knew that it is behind: then nobody else would read on.
            RefillIfBehind(window);
        }
    }

    /// <summary>Reads the deliveries that were made pending up to a sequence.</summary>
    public void Queued(Priority priority, long sequence)
    {
        var window = WindowOf(priority);
        window.NoteQueued(sequence);
        RefillIfBehind(window);
    }

    /// <inheritdoc cref="Lane.Erase"/>
    public void Erase(Priority priority, IReadOnlySet<long> sequences) => WindowOf(priority).Erase(sequences);

    /// <summary>The window that holds the next delivery, and that delivery: highest priority first, oldest first within one.</summary>
    public (LaneWindow? Window, Delivery? Head) FindNext(Priority atLeast = Priority.Background)
    {
        (LaneWindow? Window, Delivery? Head) next = default;
        var now = clock.GetUtcNow();
        foreach (var window in _windows)
        {
            if (window.Priority >= atLeast && window.TryPeek(out var head) && (next.Head is null || Aging.IsBefore(head, next.Head, now)))
            {
                next = (window, head);
            }
        }

        return next;
    }

    /// <summary>Takes the next delivery of a window. Null when another worker took the last.</summary>
    public Delivery? TryTake(LaneWindow window)
    {
        if (!window.TryTake(out var delivery))
        {
            return null;
        }

        RefillIfBehind(window);
        return delivery;
    }

    public void Dispose()
    {
        budget.AddLanes(-1);
        _stopped.Cancel();
        foreach (var window in _windows)
        {
            window.Close();
        }
    }

    private LaneWindow WindowOf(Priority priority) => _windows[Priorities.HighestFirst.IndexOf(priority)];

    private void RefillIfBehind(LaneWindow window)
    {
        if (_started && window.TryStartRefill())
        {
            _ = RefillAsync(window, _stopped.Token);
        }
    }

    private async Task RefillAsync(LaneWindow window, CancellationToken cancellationToken)
    {
        try
        {
            while (window.NextRead() is (var after, { } limit))
            {
                var page = await ReadAsync(
                    () => store.ReadPendingAsync(endpoint, window.Priority, after, limit, cancellationToken), window.Priority.Name());
                var loaded = window.Load(page, _inBatches);
                if (loaded > 0)
                {
                    demand.Ready(loaded);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LaneStopped(endpoint.Value);
        }
    }

    private async ValueTask<T> ReadAsync<T>(Func<ValueTask<T>> read, string? priority)
    {
        for (var delay = FirstRetryDelay; ; delay = delay < LongestRetryDelay / 2 ? delay * 2 : LongestRetryDelay)
        {
            try
            {
                return await read();
            }
            catch (Exception exception) when (!_stopped.IsCancellationRequested)
            {
                // Pending deliveries outlast any trouble of the store: the lane waits for it.
                ReadFailed(exception, endpoint.Value, priority);
                await Task.Delay(delay, clock, _stopped.Token);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "reading pending deliveries failed, trying again soon")]
    private partial void ReadFailed(Exception exception, string endpoint, string? priority);

    [LoggerMessage(LogLevel.Debug, "lane stopped while it was read")]
    private partial void LaneStopped(string endpoint);
}
