using Middleware.Endpoints;

namespace Middleware.Delivering;

/// <summary>
/// The gate that the workers of a lane pass before each delivery: the endpoint's circuit and its rate limit. While one of them holds, one worker
/// waits for it and the others for their turn.
/// </summary>
/// <param name="circuit">The endpoint's circuit; owned.</param>
/// <param name="clock">The time of the waits.</param>
internal sealed class LaneGate(Circuit circuit, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile RateLimit? _limit;
    private volatile TaskCompletionSource _limitChanged = NextChange();
    private Uri? _url;

    // Belongs to the worker that has the turn.
    private RateLimit? _bucketOf;
    private TokenBucket? _bucket;

    /// <summary>Applies a change of the endpoint at once. One at a time.</summary>
    public void Follow(WebhookEndpoint endpoint)
    {
        if (_url is not null && _url != endpoint.Url)
        {
            circuit.Reset();
        }

        _url = endpoint.Url;
        if (_limit != endpoint.RateLimit)
        {
            _limit = endpoint.RateLimit;
            var changed = _limitChanged;
            _limitChanged = NextChange();
            changed.SetResult();
        }
    }

    /// <summary>Begins with no token: another replica has just served the lane, and may have spent them all. Called before the first pass.</summary>
    public void BeginEmpty(RateLimit limit) => (_bucket, _bucketOf) = (new TokenBucket(limit, 0, clock), limit);

    /// <summary>Waits until a delivery may start. The pass must be left.</summary>
    public ValueTask<CircuitPass> EnterAsync(CancellationToken cancellationToken) =>
        _limit is null && circuit.TryEnter(out _) is { } pass ? ValueTask.FromResult(pass) : EnterInTurnAsync(cancellationToken);

    public void Dispose() => circuit.Dispose();

    private async ValueTask<CircuitPass> EnterInTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                var (changed, limitChanged) = (circuit.Changed, _limitChanged.Task);
                if (circuit.TryEnter(out var wait) is not { } pass)
                {
                    await WaitAsync(changed, wait, cancellationToken);
                }
                else if (TakeToken(out wait))
                {
                    return pass;
                }
                else
                {
                    pass.Leave();
                    await WaitAsync(limitChanged, wait, cancellationToken);
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private bool TakeToken(out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (_limit is not { } limit)
        {
            (_bucket, _bucketOf) = (null, null);
            return true;
        }

        if (_bucket is null || limit != _bucketOf)
        {
            // Only the tokens saved under the old limit remain: a change is no burst.
            (_bucket, _bucketOf) = (new TokenBucket(limit, _bucket?.Available() ?? limit.Burst, clock), limit);
        }

        if (_bucket.Available() == 0)
        {
            wait = _bucket.UntilNext();
            return false;
        }

        _bucket.Spend(1);
        return true;
    }

    private async Task WaitAsync(Task changed, TimeSpan longest, CancellationToken cancellationToken)
    {
        // The timer drops what is less than a millisecond.
        var wait = longest == Timeout.InfiniteTimeSpan ? longest : TimeSpan.FromMilliseconds(Math.Ceiling(longest.TotalMilliseconds));
        await changed.WaitAsync(wait, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static TaskCompletionSource NextChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
