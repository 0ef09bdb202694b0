using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public class RecentTriesTests
{
    private readonly TestClock _clock = new();
    private readonly RecentTries _tries;

    public RecentTriesTests() => _tries = new RecentTries(_clock);

    [Fact]
    public void Without_a_try_there_is_no_rate_and_no_duration()
    {
        Assert.Equal(default, _tries.Read());
        Assert.Null(_tries.Read().SuccessRate);
    }

    [Fact]
    public void Any_try_without_2xx_is_a_failure()
    {
        Note(200);
        Note(204);
        foreach (var failed in (Attempt[])[Made.Attempt(400, "http_400"), Made.Attempt(302, "redirect"), Made.Attempt(503, "http_503"), Made.Attempt(null, FailureReason.Timeout)])
        {
            _tries.Note(failed);
        }

        var read = _tries.Read();
        Assert.Equal((6, 4, 4), (read.Tries, read.Failures, read.FailuresInARow));
        Assert.Equal(0.3333, read.SuccessRate);
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(0, 1, 0)]
    [InlineData(19, 1, 0.95)]
    [InlineData(99_999, 1, 0.9999)]
    [InlineData(57, 43, 0.57)]
    public void A_rate_is_rounded_down_so_that_1_says_that_none_failed(int successes, int failures, double expected)
    {
        Note(200, count: successes);
        Note(500, count: failures);

        Assert.Equal(expected, _tries.Read().SuccessRate);
    }

    [Fact]
    public void A_success_ends_the_failures_in_a_row()
    {
        Note(500, count: 5);
        Note(200);
        Assert.Equal(0, _tries.Read().FailuresInARow);

        Note(500, count: 2);
        Assert.Equal((8, 7, 2), (_tries.Read().Tries, _tries.Read().Failures, _tries.Read().FailuresInARow));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 10)]
    [InlineData(19, 20)]
    [InlineData(20, 20)]
    [InlineData(21, 20)]
    [InlineData(100, 96)]
    public void Of_tries_of_1_ms_2_ms_and_so_on_the_p95_is_that_of_which_95_of_100_take_no_longer(int count, double expected)
    {
        for (var milliseconds = count; milliseconds > 0; milliseconds--)
        {
            Note(200, milliseconds);
        }

        Assert.Equal(TimeSpan.FromMilliseconds(expected), _tries.Read().P95);
    }

    [Fact]
    public void Failures_count_among_the_durations()
    {
        Note(200, 4, count: 9);
        _tries.Note(Made.Attempt(null, FailureReason.Timeout) with { Duration = TimeSpan.FromSeconds(3) });

        Assert.Equal(TimeSpan.FromMilliseconds(3_072), _tries.Read().P95);
    }

    [Fact]
    public void What_is_older_than_5_minutes_is_forgotten_slot_by_slot_but_failures_in_a_row_are_not()
    {
        Note(500, 8, count: 3);
        _clock.Advance(RecentTries.SlotLength);
        Note(500, 1, count: 2);

        _clock.Advance(RecentTries.Window - RecentTries.SlotLength - TimeSpan.FromTicks(1));
        Assert.Equal(new TrySummary(5, 5, 5, TimeSpan.FromMilliseconds(8)), _tries.Read());

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(new TrySummary(2, 2, 5, TimeSpan.FromMilliseconds(1)), _tries.Read());

        _clock.Advance(RecentTries.SlotLength);
        Assert.Equal(new TrySummary(0, 0, 5, null), _tries.Read());
    }

    [Fact]
    public void A_long_silence_leaves_nothing_behind()
    {
        Note(500, count: 100);
        _clock.Advance(TimeSpan.FromDays(400));
        Note(200, 2);

        Assert.Equal(new TrySummary(1, 0, 0, TimeSpan.FromMilliseconds(2)), _tries.Read());
    }

    [Fact]
    public void Cleared_it_begins_anew()
    {
        Note(500, count: 4);
        _tries.Clear();

        Assert.Equal(default, _tries.Read());
    }

    [Fact]
    public async Task Of_many_that_end_at_once_none_is_lost()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() => Note(worker % 2 == 0 ? 200 : 500, count: 10_000)))).InTime();

        Assert.Equal((80_000, 40_000), (_tries.Read().Tries, _tries.Read().Failures));
    }

    [Fact]
    public void Noting_allocates_nothing()
    {
        var attempt = Made.Attempt();
        _tries.Note(attempt);
        var before = GC.GetAllocatedBytesForCurrentThread();
        _tries.Note(attempt);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private void Note(int status, double milliseconds = 0, int count = 1)
    {
        var attempt = Made.Attempt(status, FailureReason.FromStatus(status)) with { Duration = TimeSpan.FromMilliseconds(milliseconds) };
        for (var number = 0; number < count; number++)
        {
            _tries.Note(attempt);
        }
    }
}
