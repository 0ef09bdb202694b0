using Middleware.Delivering;
using Middleware.Endpoints;

namespace Tests.Middleware.Delivering;

public class TokenBucketTests
{
    private readonly TestClock _clock = new();

    [Theory]
    [InlineData(0.1, 1, 36_000, 3_600)]
    [InlineData(0.7, 3, 1_000, 700)]
    [InlineData(50, 100, 10, 500)]
    [InlineData(100_000, 100_000, 1, 100_000)]
    public void As_many_go_through_as_the_rate_says_and_a_burst(double perSecond, int burst, int seconds, int expected)
    {
        var bucket = new TokenBucket(new RateLimit(perSecond, burst), burst, _clock);
        var through = 0;
        var end = _clock.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        while (true)
        {
            var available = bucket.Available();
            bucket.Spend(available);
            through += available;
            var wait = bucket.UntilNext();
            if (_clock.GetUtcNow() + wait > end)
            {
                break;
            }

            _clock.Advance(wait);
        }

        Assert.Equal(expected + burst, through);
    }

    [Fact]
    public void The_wait_for_the_next_is_exact()
    {
        var bucket = new TokenBucket(new RateLimit(3, 1), 1, _clock);
        bucket.Spend(bucket.Available());

        var wait = bucket.UntilNext();
        _clock.Advance(wait - TimeSpan.FromTicks(1));
        Assert.Equal(0, bucket.Available());
        Assert.Equal(TimeSpan.FromTicks(1), bucket.UntilNext());
        _clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal((3_333_334, 1), (wait.Ticks, bucket.Available()));
    }

    [Fact]
    public void No_pause_however_long_saves_up_more_than_a_burst()
    {
        var bucket = new TokenBucket(new RateLimit(100_000, 5), 0, _clock);

        _clock.Advance(TimeSpan.FromDays(365 * 100));

        Assert.Equal(5, bucket.Available());
    }
}
