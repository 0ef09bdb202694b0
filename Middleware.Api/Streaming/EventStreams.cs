namespace Middleware.Streaming;

/// <summary>
/// All listeners of this replica. Each reads the store at its own pace, so that no event waits for a listener. What all of them read is bounded: they take
/// little from accepting however many there are.
/// </summary>
internal sealed class EventStreams(IAcceptedEvents events, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    /// <summary>The most listeners.</summary>
    public const int Most = 100;

    /// <summary>The rows that all listeners read in a second.</summary>
    public const int RowsOfAll = 5_000;

    private readonly RowBudget _rows = new(RowsOfAll, clock);
    private int _count;

    /// <summary>Cancelled when the service stops: a stop never waits for listeners.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>The number of listeners.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A listener from a place on; null when there are as many as may be, or the service stops.</summary>
    public StreamListener? TryListen(StreamQuery query, StreamPlace place)
    {
        if (Interlocked.Increment(ref _count) <= Most && !Stopping.IsCancellationRequested)
        {
            return new StreamListener(events, query, place, _rows, () => Interlocked.Decrement(ref _count), clock);
        }

        Interlocked.Decrement(ref _count);
        return null;
    }
}
