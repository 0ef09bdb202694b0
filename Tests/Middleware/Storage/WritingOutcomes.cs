using Middleware.Accepting;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Storage;

/// <summary>Which of the writer's groups have outcomes, while requests come.</summary>
public sealed class WritingOutcomes : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly WriteQueue _queue;

    public WritingOutcomes() => _queue = new WriteQueue(_clock);

    /// <summary>Writes a group that has an outcome.</summary>
    public async ValueTask InitializeAsync()
    {
        await AddAsync(1);
        Assert.Equal((1, 1), NextOfRequest());
    }

    public ValueTask DisposeAsync()
    {
        _queue.Dispose();
        return default;
    }

    [Fact]
    public async Task Outcomes_are_written_beside_requests_at_most_every_ten_milliseconds()
    {
        await AddAsync(1);
        Assert.Equal((1, 0), NextOfRequest());
        _clock.Advance(TimeSpan.FromMilliseconds(9));
        await AddAsync(1);
        Assert.Equal((1, 0), NextOfRequest());
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((1, 2), NextOfRequest());
    }

    [Fact]
    public async Task Outcomes_do_not_wait_for_a_time_without_requests()
    {
        await AddAsync(1);

        Assert.Equal((0, 1), Next());
    }

    [Fact]
    public async Task Outcomes_wait_for_the_last_that_were_written_and_not_for_a_group_without()
    {
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal((1, 0), NextOfRequest());
        await AddAsync(1);

        Assert.Equal((1, 1), NextOfRequest());
    }

    [Fact]
    public async Task At_the_end_all_outcomes_are_written()
    {
        await AddAsync(1);
        Assert.True(_queue.TryAdd(Request()));
        _queue.Complete();

        Assert.Equal([(1, 0), (0, 1)], [Next(), Next()]);
        Assert.False(_queue.Take(new WriteGroup()));
    }

    [Fact]
    public async Task Many_outcomes_are_written_at_once()
    {
        await AddAsync(127);
        Assert.Equal((1, 0), NextOfRequest());
        await AddAsync(1);

        Assert.Equal((1, 128), NextOfRequest());
    }

    [Fact]
    public async Task Outcomes_that_change_keys_are_written_at_once_and_all_before_them()
    {
        await AddAsync(1);
        await _queue.AddAsync(new HoldItem([default]), Waiting.Cancellation);
        Assert.Equal((1, 2), NextOfRequest());
        await AddAsync(1);

        Assert.Equal((1, 0), NextOfRequest());
    }

    [Fact]
    public async Task Outcomes_are_written_no_later_than_a_change_that_came_after_them()
    {
        await AddAsync(1);
        _queue.Add(new ChangeItem<bool>(static _ => true));

        Assert.Equal((1, 1), NextOfRequest());
    }

    private async Task AddAsync(int outcomes)
    {
        for (; outcomes > 0; outcomes--)
        {
            await _queue.AddAsync(AttemptItem.Mark().Item, Waiting.Cancellation);
        }
    }

    /// <summary>The next group, for which a request waits.</summary>
    private (int Requests, int Outcomes) NextOfRequest()
    {
        Assert.True(_queue.TryAdd(Request()));
        return Next();
    }

    private static AcceptItem Request() => new([], new IdempotencyClaim("route", "key", new byte[32]));

    private (int Requests, int Outcomes) Next()
    {
        var group = new WriteGroup();
        Assert.True(_queue.Take(group));
        return (group.Accepts.Count, group.Outcomes.Count);
    }
}
