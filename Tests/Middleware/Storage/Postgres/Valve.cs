namespace Tests.Middleware.Storage.Postgres;

/// <summary>A direction of a proxy, which lets bytes through or holds them.</summary>
internal sealed class Valve
{
    private volatile TaskCompletionSource? _closed;
    private TaskCompletionSource? _tear;
    private int _holding;

    /// <summary>The number of connections whose bytes are held now.</summary>
    public int Holding => Volatile.Read(ref _holding);

    public void Close() => Interlocked.CompareExchange(ref _closed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);

    public void Open() => Interlocked.Exchange(ref _closed, null)?.SetResult();

    /// <summary>Closes it in the middle of the next bytes: half of them pass.</summary>
    /// <returns>Completes when that has happened.</returns>
    public Task TearAsync()
    {
        var tear = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Null(Interlocked.Exchange(ref _tear, tear));
        return tear.Task;
    }

    /// <summary>The number of so many bytes that may pass at once; the valve is closed behind them if they are not all.</summary>
    public int Tear(int count)
    {
        if (count < 2 || Interlocked.Exchange(ref _tear, null) is not { } tear)
        {
            return count;
        }

        Close();
        tear.SetResult();
        return count / 2;
    }

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
