namespace Middleware.Streaming;

/// <summary>
/// All listeners of this replica. Each reads the store at its own pace, so that no event waits for a listener. What all of them read is bounded: they take
/// little from accepting however many there are.
/// </summary>
internal sealed class EventStreams(IAcceptedEvents events, TimeProvider clock) : IDisposable
{
    /// <summary>The most listeners.</summary>
    public const int Most = 100;

    /// <summary>The rows that all listeners read in a second.</summary>
    public const int RowsOfAll = 10_000;

    private readonly RowBudget _rows = new(RowsOfAll, clock);
    private readonly CancellationTokenSource _stopping = new();
    private int _count;
    private volatile bool _isDisposed;

    /// <summary>Cancelled when the service stops.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>The number of listeners.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A listener from a place on; null when there are as many as may be, or the service stops.</summary>
    public StreamListener? TryListen(StreamQuery query, StreamPlace place)
    {
        if (Interlocked.Increment(ref _count) <= Most && !_stopping.IsCancellationRequested)
        {
            return new StreamListener(events, query, place, _rows, () => Interlocked.Decrement(ref _count), clock);
        }

        Interlocked.Decrement(ref _count);
        return null;
    }

    /// <summary>Ends all listeners at once: a stop never waits for them. A host may be disposed before it stops; then there is nothing to end.</summary>
    public void Stop()
    {
        if (!_isDisposed)
        {
            _stopping.Cancel();
        }
    }

    public void Dispose()
    {
        Stop();
        _isDisposed = true;
        _stopping.Dispose();
    }
}
