namespace Tests.Middleware.Storage.Postgres;

/// <summary>A direction of a proxy, which lets bytes through or holds them.</summary>
internal sealed class Valve
{
    private volatile TaskCompletionSource? _closed;
    private int _holding;

    /// <summary>The number of connections whose bytes are held now.</summary>
    public int Holding => Volatile.Read(ref _holding);

    public void Close() => Interlocked.CompareExchange(ref _closed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);

    public void Open() => Interlocked.Exchange(ref _closed, null)?.SetResult();

    /// <summary>Waits until bytes may pass.</summary>
    public async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        while (_closed is { } closed)
        {
            Interlocked.Increment(ref _holding);
            try
            {
                await closed.Task.WaitAsync(cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _holding);
            }
        }
    }
}
