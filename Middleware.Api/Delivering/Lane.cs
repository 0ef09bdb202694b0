using Middleware.Events;

namespace Middleware.Delivering;

/// <summary>
/// The next deliveries of one endpoint: a window on the pending ones in the store, one bounded channel for each priority. A delivery without room
/// stays in the store and is read later, so a lane costs the same however much waits.
/// </summary>
internal sealed partial class Lane(
    EndpointId endpoint, LaneGate gate, LaneBudget budget, IDeliveryStore store, TimeProvider clock, ILogger<Lane> logger) : IDisposable
{
    private static readonly TimeSpan StoreRetryDelay = TimeSpan.FromSeconds(1);

    private readonly LaneWindow[] _windows = [.. Priorities.HighestFirst.Select(priority => new LaneWindow(priority, budget))];
    private readonly GivenBack _givenBack = new(clock);
    private readonly SemaphoreSlim _ready = new(0);

    // Cancelled and not disposed: a commit may reach a lane that has just gone.
    private readonly CancellationTokenSource _stopped = new();
    private volatile bool _started;
    private volatile bool _completed;

    /// <summary>Reads the deliveries that were pending before the lane was made.</summary>
    public void Start()
    {
        budget.AddLanes(1);
        _ = StartAsync(_stopped.Token);
    }

    /// <summary>Takes in a committed delivery, or leaves it in the store when there is no room. Called in order of sequence.</summary>
    public void Offer(Delivery delivery)
    {
        var window = WindowOf(delivery.Priority);
        if (window.Offer(delivery))
        {
            Ready();
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

    /// <summary>Takes back a shipment that is still to be delivered: in front of its priority, a failed probe at last.</summary>
    public void GiveBack(Shipment shipment, bool wasProbe)
    {
        _givenBack.Add(shipment, wasProbe);
        Ready();
    }

    /// <summary>
    /// The next shipment, a batch where the endpoint has them, as soon as the gate lets one through: highest priority first, oldest first within one.
    /// Null when the lane is complete and empty.
    /// </summary>
    public ValueTask<TakenShipment?> TakeAsync(CancellationToken cancellationToken) =>
        _plan is null ? TakeOneAsync(cancellationToken) : TakeBatchAsync(cancellationToken);

    private async ValueTask<TakenShipment?> TakeOneAsync(CancellationToken cancellationToken)
    {
        // There is a permit for each delivery that is held, so a permit without one only says that the lane is complete.
        await WaitIdleAsync(_ready, cancellationToken);
        while (!IsOver())
        {
            CircuitPass pass;
            try
            {
                pass = await EnterAsync(cancellationToken);
                ThrowIfToLeave(pass, cancellationToken);
            }
            catch
            {
                Ready();
                throw;
            }

            if (TryTake(pass) is { } shipment)
            {
                Attend();
                return new TakenShipment(shipment, pass);
            }

            // While this looked through the windows, one more came and another worker took the last of the rest. The permit is good for the one that
            // came.
            pass.Leave();
        }

        _ready.Release();
        return null;
    }

    /// <summary>Lets workers go when nothing is held any more.</summary>
    public void Complete()
    {
        _completed = true;
        _ready.Release();
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

    /// <summary>Ends a worker that must leave. A semaphore may still let it in: the next delivery is not for it.</summary>
    private static void ThrowIfToLeave(CircuitPass pass, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            pass.Leave();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private LaneWindow WindowOf(Priority priority) => _windows[Priorities.HighestFirst.IndexOf(priority)];

    private bool IsOver() => _completed && _givenBack.IsEmpty && FindNext().Window is null;

    private Shipment? TryTake(CircuitPass pass)
    {
        while (true)
        {
            var (window, head) = FindNext();
            if (!_givenBack.IsEmpty && _givenBack.TryTakeBefore(head, pass) is { } before)
            {
                return before;
            }

            if (window is null)
            {
                return null;
            }

            // Another worker may take the one found to be next; then there is another next.
            if (window.TryTake(out var delivery))
            {
                RefillIfBehind(window);
                return Shipment.Of(delivery);
            }
        }
    }

    private (LaneWindow? Window, Delivery? Head) FindNext(Priority atLeast = Priority.Background)
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
                    () => store.ReadPendingAsync(endpoint, window.Priority, after, limit, cancellationToken), window.Priority.Name(), cancellationToken);
                var loaded = window.Load(page, _inBatches);
                if (loaded > 0)
                {
                    Ready(loaded);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LaneStopped(endpoint.Value);
        }
    }

    private async ValueTask<T> ReadAsync<T>(Func<ValueTask<T>> read, string? priority, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await read();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Pending deliveries outlast any trouble of the store: the lane waits for it.
                ReadFailed(exception, endpoint.Value, priority);
                await Task.Delay(StoreRetryDelay, clock, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "reading pending deliveries failed, trying again in a second")]
    private partial void ReadFailed(Exception exception, string endpoint, string? priority);

    [LoggerMessage(LogLevel.Debug, "lane stopped while it was read")]
    private partial void LaneStopped(string endpoint);
}
