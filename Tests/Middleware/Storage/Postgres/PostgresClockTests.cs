using Middleware.Storage.Postgres;

namespace Tests.Middleware.Storage.Postgres;

public sealed class PostgresClockTests
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(10);

    private readonly TestClock _clock = new();

    [Theory]
    [InlineData(80, 80, 2, 80, 80)]
    [InlineData(2, 80, 80, 80, 80)]
    [InlineData(80, 80, 80, 80, 2)]
    public void The_servers_time_is_wrong_by_half_of_the_quickest_reply_at_most(params int[] replies)
    {
        var slow = new Queue<int>(replies);

        // The whole of the delay is on the way back, the worst case.
        var read = PostgresClock.Read(() => Reply(TimeSpan.Zero, TimeSpan.FromMilliseconds(slow.Dequeue())), _clock, stream: 3);
        _clock.Advance(TimeSpan.FromSeconds(1));

        var late = _clock.GetUtcNow() + Ahead - read.Now;
        Assert.Equal(TimeSpan.FromMilliseconds(1), late);
        Assert.Equal(3, read.Stream);
    }

    [Fact]
    public void The_servers_time_is_exact_when_both_ways_take_as_long()
    {
        var way = TimeSpan.FromMilliseconds(40);

        var read = PostgresClock.Read(() => Reply(way, way), _clock, stream: 0);

        Assert.Equal(_clock.GetUtcNow() + Ahead, read.Now);
    }

    private DateTimeOffset Reply(TimeSpan there, TimeSpan back)
    {
        _clock.Advance(there);
        var time = _clock.GetUtcNow() + Ahead;
        _clock.Advance(back);
        return time;
    }
}
