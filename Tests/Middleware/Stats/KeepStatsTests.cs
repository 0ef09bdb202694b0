using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Events;
using Middleware.Stats;
using Middleware.Telemetry;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Stats;

public sealed class KeepStatsTests : IDisposable
{
    private readonly OwnMeters _meters = new();
    private readonly TestClock _clock = new();
    private readonly ListStats _store = new();

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task A_minute_is_kept_when_it_ends_and_an_empty_one_is_not()
    {
        var (keep, metrics) = Make(1);
        metrics.Accepted();
        var keeping = keep.ExecuteAsync(Waiting.Cancellation);
        _clock.Advance(TimeSpan.FromMilliseconds(59_999));
        Assert.False(keeping.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await keeping.InTime();

        var kept = Assert.Single(_store.Kept);
        Assert.Equal((TestClock.Noon, 1, 0), (kept.Minute, kept.All.Accepted, kept.Endpoints.Count));

        keeping = keep.ExecuteAsync(Waiting.Cancellation);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await keeping.InTime();
        Assert.Single(_store.Kept);
    }

    [Fact]
    public async Task The_end_of_a_minute_is_waited_for_where_less_than_a_millisecond_is_left()
    {
        var (keep, metrics) = Make(1);
        metrics.Accepted();
        _clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(1));
        var keeping = keep.ExecuteAsync(Waiting.Cancellation);
        Assert.False(keeping.IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await keeping.InTime();
        Assert.Single(_store.Kept);
    }

    [Fact]
    public async Task Of_10000_endpoints_the_100_busiest_are_kept()
    {
        var (keep, metrics) = Make(10_000);
        for (var number = 0; number < 10_000; number++)
        {
            metrics.GivenUp(new EndpointId($"e{number}"), "http_500", 1 + (number % 5_000));
        }

        await keep.StopAsync();

        var kept = Assert.Single(_store.Kept);
        Assert.Equal((KeepStats.MostEndpoints, 9_900), (kept.Endpoints.Count, kept.LeftOut));
        Assert.Equal(10_000L * 5_001 / 2, kept.All.DeadLetters);
        Assert.All(kept.Endpoints, static one => Assert.InRange(one.Counts.DeadLetters, 4_951, 5_000));
    }

    [Fact]
    public async Task Minutes_that_cannot_be_kept_are_held_and_kept_later_each_once()
    {
        var (keep, metrics) = Make(1);
        _store.IsGone = true;
        for (var minute = 0; minute < 3; minute++)
        {
            metrics.Accepted();
            _clock.Advance(TimeSpan.FromMinutes(1));
            await keep.StopAsync();
        }

        Assert.Empty(_store.Kept);
        _store.IsGone = false;
        Assert.Equal(3, (await keep.ReadAsync(TestClock.Noon, Waiting.Cancellation)).Sum(static row => row.All.Accepted));
        await keep.StopAsync();

        Assert.Equal([0, 1, 2], _store.Kept.Select(static kept => (kept.Minute - TestClock.Noon).TotalMinutes));
        Assert.Equal(3, (await keep.ReadAsync(TestClock.Noon, Waiting.Cancellation)).Sum(static row => row.All.Accepted));
    }

    [Fact]
    public async Task No_more_than_an_hour_is_held()
    {
        var (keep, metrics) = Make(1);
        _store.IsGone = true;
        for (var minute = 0; minute < 70; minute++)
        {
            metrics.Accepted();
            _clock.Advance(TimeSpan.FromMinutes(1));
            await keep.StopAsync();
        }

        _store.IsGone = false;
        await keep.StopAsync();
        Assert.Equal(60, _store.Kept.Count);
        Assert.Equal(TestClock.Noon.AddMinutes(69), _store.Kept[^1].Minute);
    }

    private (KeepStats Keep, MiddlewareMetrics Metrics) Make(int endpoints)
    {
        var registry = Made.Registry([.. Enumerable.Range(0, endpoints).Select(static number => Made.Endpoint($"e{number}"))]);
        var metrics = _meters.Of(registry);
        return (new KeepStats(_store, metrics, _clock, NullLogger<KeepStats>.Instance), metrics);
    }

    /// <summary>A store that may be gone.</summary>
    private sealed class ListStats : IStatsStore
    {
        public List<MinuteCounts> Kept { get; } = [];

        public bool IsGone { get; set; }

        public Task AddAsync(MinuteCounts counted)
        {
            if (IsGone)
            {
                throw new StoreUnavailableException("It is gone.");
            }

            Kept.Add(counted);
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<MinuteCounts>> ReadAsync(DateTimeOffset from, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<MinuteCounts>>([.. Kept.Where(kept => kept.Minute >= from)]);

        public Task<DateTimeOffset?> OldestWaitingAsync(CancellationToken cancellationToken) => Task.FromResult<DateTimeOffset?>(null);
    }
}
