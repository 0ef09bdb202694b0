using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public sealed class CircuitTests : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly List<CircuitOpening> _openings = [];
    private readonly Circuit _circuit;
    private int _closings;

    public CircuitTests()
    {
        _circuit = new Circuit(_clock, Waiting.Cancellation);
        _circuit.Opened += _openings.Add;
        _circuit.Closed += () => _closings++;
    }

    public void Dispose() => _circuit.Dispose();

    [Theory]
    [InlineData(0, 19, false)]
    [InlineData(0, 20, true)]
    [InlineData(10, 10, true)]
    [InlineData(11, 10, false)]
    [InlineData(11, 11, true)]
    [InlineData(100, 99, false)]
    [InlineData(100, 100, true)]
    public void It_opens_when_half_of_at_least_20_tries_failed(int successes, int failures, bool opens)
    {
        Note(successes);
        Note(failures, 500);

        Assert.Equal(opens ? CircuitState.Open : CircuitState.Closed, _circuit.State);
        Assert.Equal(opens ? 1 : 0, _openings.Count);
    }

    [Fact]
    public void A_success_opens_nothing()
    {
        Note(19, 500);
        Note(1);
        Assert.Equal(CircuitState.Closed, _circuit.State);

        Note(1, 500);
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Theory]
    [InlineData(500, null, true)]
    [InlineData(503, null, true)]
    [InlineData(408, null, true)]
    [InlineData(429, null, true)]
    [InlineData(null, FailureReason.Timeout, true)]
    [InlineData(null, FailureReason.ConnectionRefused, true)]
    [InlineData(null, FailureReason.ConnectionReset, true)]
    [InlineData(null, FailureReason.Dns, true)]
    [InlineData(null, FailureReason.Tls, true)]
    [InlineData(null, FailureReason.Network, true)]
    [InlineData(null, FailureReason.AddressRefused, false)]
    [InlineData(302, null, false)]
    [InlineData(400, null, false)]
    [InlineData(404, null, false)]
    [InlineData(410, null, false)]
    public void Only_what_waiting_may_mend_opens_it(int? status, string? reason, bool opens)
    {
        Note(20, status, reason);

        Assert.Equal(opens ? CircuitState.Open : CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public void Tries_count_for_30_s()
    {
        Note(19, 500);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Note(1, 500);
        Assert.Equal(CircuitState.Closed, _circuit.State);

        _clock.Advance(TimeSpan.FromSeconds(29));
        Note(18, 500);
        Assert.Equal(CircuitState.Closed, _circuit.State);

        Note(1, 500);
        Assert.Equal(CircuitState.Open, _circuit.State);
    }

    [Fact]
    public void An_opening_says_why_and_for_how_long()
    {
        Note(5);
        Note(10, null, FailureReason.Timeout);
        _clock.Advance(TimeSpan.FromSeconds(10));
        Note(5, 503);

        var opening = Assert.Single(_openings);
        Assert.Equal((20, TimeSpan.FromSeconds(15)), (opening.Tries, opening.OpenFor));
        Assert.Equal(new Dictionary<string, int> { ["timeout"] = 10, ["http_503"] = 5 }, opening.Failures);
    }

    [Fact]
    public void While_it_is_open_no_pass_is_given_and_those_that_were_are_over()
    {
        var given = Enter();
        Note(20, 500);

        Assert.True(given.Ended.IsCancellationRequested);
        Assert.Null(_circuit.TryEnter(out var wait));
        Assert.Equal(TimeSpan.FromSeconds(15), wait);

        _clock.Advance(TimeSpan.FromSeconds(15) - TimeSpan.FromTicks(1));
        Assert.Null(_circuit.TryEnter(out wait));
        Assert.Equal((TimeSpan.FromTicks(1), CircuitState.Open), (wait, _circuit.State));

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(CircuitState.HalfOpen, _circuit.State);
        Assert.True(Enter().IsProbe);
    }

    [Fact]
    public void A_try_of_a_pass_that_is_over_changes_nothing()
    {
        var given = Enter();
        Note(20, 500);

        given.Note(Made.Attempt());
        Assert.Equal(CircuitState.Open, _circuit.State);

        _clock.Advance(TimeSpan.FromSeconds(15));
        var probe = Enter();
        given.Note(Made.Attempt());
        given.Note(Made.Attempt(500, "http_500"));
        given.Leave();

        Assert.Equal((CircuitState.HalfOpen, 1, 0), (_circuit.State, _openings.Count, _closings));
        Assert.False(probe.Ended.IsCancellationRequested);
    }

    [Fact]
    public void Each_failed_probe_doubles_the_time_up_to_5_minutes_and_a_success_resets_it()
    {
        Note(20, 500);
        for (var probes = 0; probes < 6; probes++)
        {
            _clock.Advance(_openings[^1].OpenFor);
            Enter().Note(Made.Attempt(500, "http_500"));
        }

        Assert.Equal([15, 30, 60, 120, 240, 300, 300], _openings.Select(opening => opening.OpenFor.TotalSeconds));
        Assert.Equal((1, "http_500"), (_openings[^1].Tries, _openings[^1].Failures.Keys.Single()));

        _clock.Advance(TimeSpan.FromMinutes(5));
        Enter().Note(Made.Attempt());
        Assert.Equal((CircuitState.Closed, 1), (_circuit.State, _closings));

        Note(20, 500);
        Assert.Equal(15, _openings[^1].OpenFor.TotalSeconds);
    }

    [Fact]
    public void After_a_probe_succeeded_its_pass_is_one_like_any_other_and_the_tries_before_are_forgotten()
    {
        Note(20, 500);
        _clock.Advance(TimeSpan.FromSeconds(15));
        var probe = Enter();
        probe.Note(Made.Attempt());

        Assert.Same(probe, Enter());
        Assert.False(probe.IsProbe);
        Note(18, 500);
        Assert.Equal(CircuitState.Closed, _circuit.State);
    }

    [Fact]
    public async Task Of_many_that_ask_at_once_one_is_the_probe()
    {
        Note(20, 500);
        _clock.Advance(TimeSpan.FromSeconds(15));
        using var start = new Barrier(8);

        var passes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(Waiting.Cancellation);
                return Enumerable.Range(0, 1_000).Select(_ => _circuit.TryEnter(out var _)).Where(pass => pass is not null).ToList();
            },
            Waiting.Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default))).InTime();

        Assert.True(Assert.Single(passes.SelectMany(given => given))!.IsProbe);
        Assert.Null(_circuit.TryEnter(out var wait));
        Assert.Equal(Timeout.InfiniteTimeSpan, wait);
    }

    [Fact]
    public void A_probe_that_told_nothing_leaves_its_place_to_another()
    {
        Note(20, 500);
        _clock.Advance(TimeSpan.FromSeconds(15));
        var changed = _circuit.Changed;
        var probe = Enter();
        Assert.False(changed.IsCompleted);

        probe.Leave();

        Assert.True(changed.IsCompleted);
        Assert.NotSame(probe, Enter());
    }

    [Fact]
    public void Who_waits_hears_of_each_change()
    {
        var opening = _circuit.Changed;
        Note(20, 500);
        var closing = _circuit.Changed;
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal((true, false), (opening.IsCompleted, closing.IsCompleted));

        Enter().Note(Made.Attempt());

        Assert.True(closing.IsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reset_closes_it_and_ends_what_is_under_way(bool probing)
    {
        Note(19, 500);
        var given = Enter();
        if (probing)
        {
            Note(1, 500);
            _clock.Advance(TimeSpan.FromSeconds(15));
            given = Enter();
        }

        _circuit.Reset();
        given.Note(Made.Attempt(500, "http_500"));

        Assert.True(given.Ended.IsCancellationRequested);
        Assert.Equal((CircuitState.Closed, 0), (_circuit.State, _closings));
        Note(19, 500);
        Assert.Equal(CircuitState.Closed, _circuit.State);
        Note(1, 500);
        Assert.Equal(15, _openings[^1].OpenFor.TotalSeconds);
    }

    [Fact]
    public void The_stop_ends_every_pass()
    {
        using var stop = new CancellationTokenSource();
        using var circuit = new Circuit(_clock, stop.Token);
        var pass = circuit.TryEnter(out _)!;

        stop.Cancel();

        Assert.True(pass.Ended.IsCancellationRequested);
    }

    private CircuitPass Enter() => _circuit.TryEnter(out _) ?? throw new InvalidOperationException("The circuit let none through.");

    private void Note(int count, int? status = 200, string? reason = null)
    {
        var pass = Enter();
        for (var number = 0; number < count; number++)
        {
            pass.Note(Made.Attempt(status, status is { } answered ? FailureReason.FromStatus(answered) : reason));
        }
    }
}
