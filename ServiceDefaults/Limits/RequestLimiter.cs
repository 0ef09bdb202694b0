using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Limits;

/// <summary>
/// Limits the requests of each client and of all together. The buckets are not the library's: those run by the machine's clock and a timer of their own,
/// and nothing bounds their number.
/// </summary>
internal sealed class RequestLimiter : PartitionedRateLimiter<HttpContext>
{
    /// <summary>The number of clients that have a bucket of their own. All further ones share one, if <c>RATE_LIMIT</c> is given.</summary>
    public const int MostClients = 100_000;

    /// <summary>The time between two sweeps, which drop the buckets that are full.</summary>
    public static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<RateKey, RequestBucket> _buckets = [];
    private readonly RateLimits _limits;
    private readonly ClientOf? _clientOf;
    private readonly TimeProvider _clock;
    private readonly RequestBucket? _shared;
    private readonly RequestBucket? _global;
    private readonly ITimer _sweeps;
    private int _clients;

    public RequestLimiter(RateLimits limits, ClientOf? clientOf, TimeProvider clock)
    {
        (_limits, _clientOf, _clock) = (limits, clientOf, clock);
        _global = limits.Global is { } global ? new RequestBucket(global, clock) : null;
        _shared = limits.Client is { } client ? new RequestBucket(client, clock) : null;
        _sweeps = clock.CreateTimer(static limiter => ((RequestLimiter)limiter!).Sweep(), this, SweepInterval, SweepInterval);
    }

    /// <summary>The number of buckets of clients.</summary>
    public int Clients => Volatile.Read(ref _clients);

    public override RateLimiterStatistics? GetStatistics(HttpContext resource) =>
        BucketOf(resource) is { } bucket ? new RateLimiterStatistics { CurrentAvailablePermits = bucket.Left } : null;

    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount)
    {
        // First the client's: one that is over its own limit takes nothing from all others.
        var bucket = BucketOf(resource);
        if (bucket is not null && !bucket.TryTake(permitCount, out var wait))
        {
            return new RequestRefusal(bucket.Rate, isGlobal: false, wait);
        }

        return _global is null || _global.TryTake(permitCount, out wait) ? RequestPass.Given : new RequestRefusal(bucket?.Rate, isGlobal: true, wait);
    }

    /// <summary>Nothing waits: a request that is over a limit is refused.</summary>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken) =>
        new(AttemptAcquireCore(resource, permitCount));

    protected override void Dispose(bool disposing)
    {
        _sweeps.Dispose();
        base.Dispose(disposing);
    }

    private RequestBucket? BucketOf(HttpContext context)
    {
        var client = _clientOf?.Invoke(context);
        if ((client?.Rate ?? _limits.Client) is not { } rate)
        {
            return null;
        }

        var key = client is null ? RateKey.Of(context.Connection.RemoteIpAddress) : new RateKey(0, client.Id);
        if (_buckets.TryGetValue(key, out var bucket))
        {
            return bucket.Rate == rate ? bucket : Replace(key, bucket, rate);
        }

        if (Interlocked.Increment(ref _clients) > MostClients)
        {
            Interlocked.Decrement(ref _clients);
            return _shared;
        }

        var made = new RequestBucket(rate, _clock);
        bucket = _buckets.GetOrAdd(key, made);
        if (bucket != made)
        {
            Interlocked.Decrement(ref _clients);
        }

        return bucket;
    }

    /// <summary>The bucket of a client whose rate was changed.</summary>
    private RequestBucket Replace(RateKey key, RequestBucket before, RequestRate rate)
    {
        var made = new RequestBucket(rate, _clock);
        return _buckets.TryUpdate(key, made, before) ? made : before;
    }

    /// <summary>Drops full buckets. A request that has just found one takes its permit from there: a client gains that one permit.</summary>
    private void Sweep()
    {
        foreach (var bucket in _buckets)
        {
            if (bucket.Value.IsFull && _buckets.TryRemove(bucket))
            {
                Interlocked.Decrement(ref _clients);
            }
        }
    }
}

/// <summary>The permit of each request that is served.</summary>
internal sealed class RequestPass : RateLimitLease
{
    public static readonly RequestPass Given = new();

    public override bool IsAcquired => true;

    public override IEnumerable<string> MetadataNames => [];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        return false;
    }
}

/// <summary>The refusal by a limit.</summary>
/// <param name="client">The rate of the client; null for none.</param>
/// <param name="isGlobal">True when it was refused by the limit of all clients together.</param>
/// <param name="wait">The time until there is a permit again.</param>
internal sealed class RequestRefusal(RequestRate? client, bool isGlobal, TimeSpan wait) : RateLimitLease
{
    public RequestRate? Client => client;

    public bool IsGlobal => isGlobal;

    public override bool IsAcquired => false;

    public override IEnumerable<string> MetadataNames => [MetadataName.RetryAfter.Name];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = metadataName == MetadataName.RetryAfter.Name ? wait : null;
        return metadata is not null;
    }
}
