using Middleware;
using Middleware.Events;
using Middleware.Health;
using Middleware.Telemetry;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Delivering;

public sealed class RepeatedWorkTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TestClock _clock = new();
    private readonly CapturedLog _log = new();
    private readonly Defects _defects;
    private RepeatedWork? _work;

    public RepeatedWorkTests() => _defects = Made.Defects(_clock, _log);

    public void Dispose() => _work?.Dispose();

    public static TheoryData<Exception> Anything { get; } =
        [new InvalidOperationException("a defect"), new OperationCanceledException("not by the stop"), new OverflowException("too far"), new AggregateException()];

    [Theory]
    [MemberData(nameof(Anything))]
    public async Task Whatever_is_thrown_is_noted_and_the_next_round_comes(Exception thrown)
    {
        var rounds = 0;
        await Start(Second, _ => ++rounds == 1 ? throw thrown : Task.CompletedTask);
        _clock.Advance(Second);
        await _clock.WaitBegun(Second, count: 2);
        Assert.Equal((1, "test"), (rounds, _defects.Recent));
        Assert.Same(thrown, Assert.Single(_log.Of("a defect of the service")).Exception);

        _clock.Advance(Second);
        await Waiting.Until(() => rounds == 2);
        Assert.True(_work!.ExecuteTask is { IsCompleted: false });
    }

    [Fact]
    public async Task A_store_that_is_not_available_is_no_defect()
    {
        var rounds = 0;
        await Start(Second, _ => ++rounds == 1 ? throw new StoreUnavailableException("disk full") : Task.CompletedTask);
        _clock.Advance(Second);
        await Waiting.Until(() => _log.Of("repeated work waits for the store").Any());
        _clock.Advance(Second);
        await Waiting.Until(() => rounds == 2);

        Assert.Null(_defects.Recent);
    }

    [Fact]
    public async Task What_goes_on_failing_pauses_up_to_a_minute()
    {
        await Start(Second, static _ => throw new InvalidOperationException("a defect"));
        _clock.Advance(Second);

        // The first wait of a second is that for the round.
        foreach (var (seconds, count) in ((double, int)[])[(1, 2), (2, 1), (4, 1), (8, 1), (16, 1), (32, 1), (60, 1), (60, 2)])
        {
            await _clock.Pass(TimeSpan.FromSeconds(seconds), count);
        }

        await _clock.WaitBegun(TimeSpan.FromSeconds(60), count: 3);
        Assert.Equal(9, _log.Errors.Count);
    }

    [Fact]
    public async Task Work_that_waits_by_itself_goes_on_at_once()
    {
        var rounds = 0;
        await Start(TimeSpan.Zero, async stop =>
        {
            if (++rounds == 1_000)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            }
        });

        await Waiting.Until(() => rounds == 1_000);
        await _work!.StopAsync(Waiting.Cancellation).InTime();
        Assert.True(_work.ExecuteTask is { IsCompletedSuccessfully: true });
        Assert.Null(_defects.Recent);
    }

    [Fact]
    public async Task A_defect_is_counted_and_shows_in_health_for_five_minutes()
    {
        using var meters = new OwnMeters();
        using var counted = new Tally(meters.Factory, "integration.defects", "part");
        var defects = new Defects(meters.Factory, _clock, _log.For<Defects>());
        var check = new DefectsCheck(defects);
        defects.Note("delivery", new InvalidOperationException("a defect"));
        Assert.Equal(1, counted["delivery"]);
        _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        var degraded = await check.CheckHealthAsync(new(), Waiting.Cancellation);
        _clock.Advance(TimeSpan.FromTicks(1));
        var healthy = await check.CheckHealthAsync(new(), Waiting.Cancellation);

        Assert.Equal("a defect in the part delivery; the log has it at level critical", degraded.Description);
        Assert.Equal(("Degraded", "Healthy"), (degraded.Status.ToString(), healthy.Status.ToString()));
    }

    private async Task Start(TimeSpan interval, Func<CancellationToken, Task> work)
    {
        _work = new RepeatedWork("test", interval, work, _defects, _clock, _log.For<RepeatedWork>());
        await _work.StartAsync(Waiting.Cancellation);
        await _clock.WaitBegun(Second);
    }
}
