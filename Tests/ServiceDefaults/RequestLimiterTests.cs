using System.Buffers.Binary;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Limits;

namespace Tests.ServiceDefaults;

public sealed class RequestLimiterTests : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly DefaultHttpContext _context = new();
    private readonly List<RequestLimiter> _made = [];

    public void Dispose() => _made.ForEach(static limiter => limiter.Dispose());

    [Fact]
    public void A_client_has_its_burst_and_then_its_rate()
    {
        var limiter = Limiter("2/s burst 5");

        Assert.Equal(5, Taken(limiter, "192.0.2.1", 7));
        Assert.Equal(TimeSpan.FromMilliseconds(500), Wait(limiter, "192.0.2.1"));
        _clock.Advance(TimeSpan.FromMilliseconds(499));
        Assert.Equal(0, Taken(limiter, "192.0.2.1", 1));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Taken(limiter, "192.0.2.1", 2));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(5, Taken(limiter, "192.0.2.1", 7));
    }

    [Theory]
    [InlineData("60/m burst 1", 1)]
    [InlineData("60/h burst 1", 60)]
    public void A_period_may_be_longer(string rate, int seconds)
    {
        var limiter = Limiter(rate);

        Assert.Equal(1, Taken(limiter, "192.0.2.1", 2));
        Assert.Equal(TimeSpan.FromSeconds(seconds), Wait(limiter, "192.0.2.1"));
    }

    [Fact]
    public void A_client_is_an_address_of_IPv4_or_a_64_of_IPv6()
    {
        var limiter = Limiter("1/h");

        Assert.Equal(1, Taken(limiter, "192.0.2.1", 2));
        Assert.Equal(0, Taken(limiter, "::ffff:192.0.2.1", 1));
        Assert.Equal(1, Taken(limiter, "192.0.2.2", 2));
        Assert.Equal(1, Taken(limiter, "2001:db8::1", 2));
        Assert.Equal(0, Taken(limiter, "2001:db8::ffff:1", 1));
        Assert.Equal(1, Taken(limiter, "2001:db8:0:1::1", 2));
        Assert.Equal(4, limiter.Clients);
    }

    [Fact]
    public void A_client_that_is_known_has_its_own_limit_wherever_it_is()
    {
        RateClient? client = new("key", RequestRate.Parse("3/h"));
        var limiter = Limiter("1/h", null, _ => client);

        Assert.Equal(2, Taken(limiter, "192.0.2.1", 2));
        Assert.Equal(1, Taken(limiter, "192.0.2.2", 2));
        client = new RateClient("key", RequestRate.Parse("5/h"));
        Assert.Equal(5, Taken(limiter, "192.0.2.2", 6));
        client = new RateClient("other");
        Assert.Equal(1, Taken(limiter, "192.0.2.2", 2));
        client = null;
        Assert.Equal(1, Taken(limiter, "192.0.2.2", 2));
    }

    [Fact]
    public void All_together_have_a_limit_of_which_one_over_its_own_takes_nothing()
    {
        var limiter = Limiter("1/h", "3/h");

        Assert.Equal(1, Taken(limiter, "192.0.2.1", 10));
        Assert.Equal(1, Taken(limiter, "192.0.2.2", 10));
        Assert.Equal(1, Taken(limiter, "192.0.2.3", 10));
        Assert.Equal(0, Taken(limiter, "192.0.2.4", 1));
        Assert.Equal(3, Taken(Limiter(null, "3/h"), "192.0.2.1", 4));
    }

    [Fact]
    public void A_million_clients_have_a_hundred_thousand_buckets_and_share_one()
    {
        var limiter = Limiter("1/h burst 3");
        var passed = 0;
        for (var number = 0; number < 1_000_000; number++)
        {
            passed += Taken(limiter, Address(number), 1);
        }

        Assert.Equal(RequestLimiter.MostClients, limiter.Clients);
        Assert.Equal(RequestLimiter.MostClients + 3, passed);

        // Those that came first are served as before, and a newcomer has a bucket of its own when there is room again.
        Assert.Equal(2, Taken(limiter, Address(0), 3));
        Assert.Equal(0, Taken(limiter, Address(1_000_001), 1));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, limiter.Clients);
        Assert.Equal(3, Taken(limiter, Address(1_000_001), 4));
    }

    [Fact]
    public void A_bucket_that_is_full_again_is_dropped()
    {
        var limiter = Limiter("1/s burst 60");
        Taken(limiter, "192.0.2.1", 5);
        Taken(limiter, "192.0.2.2", 25);

        _clock.Advance(RequestLimiter.SweepInterval);
        Assert.Equal(1, limiter.Clients);
        Assert.Equal(45, Taken(limiter, "192.0.2.2", 60));
    }

    [Fact]
    public async Task A_request_that_is_served_allocates_nothing_and_is_served_at_once()
    {
        var limiter = Limiter("100000/s", "100000/s");
        Assert.Equal(1, Taken(limiter, "192.0.2.1", 1));

        // The runtime may allocate on this thread while it compiles.
        var rounds = Enumerable.Range(0, 10).Select(_ => Allocated(limiter, requests: 1_000)).ToList();

        Assert.Contains(0, rounds);
        Assert.Equal(89_999, limiter.GetStatistics(_context)!.CurrentAvailablePermits);
        using var lease = await limiter.AcquireAsync(_context, 1, Waiting.Cancellation);
        Assert.True(lease.IsAcquired);
    }

    [Fact]
    public async Task Requests_at_once_get_no_more_than_there_is()
    {
        var limiter = Limiter("1/h burst 1000");
        var served = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () =>
            {
                var context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("192.0.2.1") } };
                return Enumerable.Range(0, 1_000).Count(_ => limiter.AttemptAcquire(context).IsAcquired);
            },
            Waiting.Cancellation)));

        Assert.Equal(1_000, served.Sum());
    }

    private static IPAddress Address(int number)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x20010db8);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), number);
        return new IPAddress(bytes);
    }

    private RequestLimiter Limiter(string? client, string? global = null, ClientOf? clientOf = null)
    {
        var limiter = new RequestLimiter(
            new RateLimits(client is null ? null : RequestRate.Parse(client), global is null ? null : RequestRate.Parse(global)), clientOf, _clock);
        _made.Add(limiter);
        return limiter;
    }

    private int Taken(RequestLimiter limiter, string address, int count) => Taken(limiter, IPAddress.Parse(address), count);

    private int Taken(RequestLimiter limiter, IPAddress address, int count)
    {
        _context.Connection.RemoteIpAddress = address;
        return Enumerable.Range(0, count).Count(_ => limiter.AttemptAcquire(_context).IsAcquired);
    }

    private long Allocated(RequestLimiter limiter, int requests)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < requests; number++)
        {
            Assert.True(limiter.AttemptAcquire(_context).IsAcquired);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private TimeSpan Wait(RequestLimiter limiter, string address)
    {
        _context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        using var lease = limiter.AttemptAcquire(_context);
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.Zero;
    }
}
