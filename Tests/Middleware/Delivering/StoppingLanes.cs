namespace Tests.Middleware.Delivering;

/// <summary>The deliveries that are under way or wait when the lanes are stopped.</summary>
public sealed class StoppingLanes : IAsyncDisposable
{
    private readonly FakeDeliveryClient _client = new();
    private readonly TestClock _clock = new();
    private LaneStage? _stage;

    public StoppingLanes() => _client.Hold();

    public ValueTask DisposeAsync() => _stage?.DisposeAsync() ?? default;

    [Fact]
    public async Task A_stop_delivers_what_a_store_would_forget()
    {
        var stage = await Start();
        await stage.Accept(50);
        await Waiting.Until(() => _client.Running == 2);

        var stopping = stage.StopAsync();
        await _clock.WaitBegun(LaneStage.ShutdownTimeout);
        _client.Release();
        await stopping;

        Assert.Equal((50, 0), (_client.Sent.Count, stage.Pending));
        Assert.Empty(stage.Log.Errors);
        Assert.False(stage.IsRunning);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(3_000)]
    public async Task What_is_left_when_the_time_is_over_is_counted_as_lost(int left)
    {
        var stage = await Start();
        await stage.Accept(left);
        await Waiting.Until(() => _client.Running == Math.Min(2, left));

        var stopping = stage.StopAsync();
        await _clock.WaitBegun(LaneStage.ShutdownTimeout);
        _clock.Advance(LaneStage.ShutdownTimeout - TimeSpan.FromTicks(1));
        Assert.False(stopping.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        await stopping;
        await stage.DisposeAsync();

        var line = Assert.Single(stage.Log.Errors);
        Assert.StartsWith("accepted events lost: ", line.Message, StringComparison.Ordinal);
        Assert.Equal((long)left, line.Values["lost"]);
        Assert.Equal(0, _client.Running);
    }

    [Fact]
    public async Task A_stop_leaves_what_a_durable_store_keeps()
    {
        var store = new ListStore();
        var stage = await Start(store);
        store.Commit(10);
        await Waiting.Until(() => _client.Running == 2);

        var stopping = stage.StopAsync();
        await _clock.WaitBegun(LaneStage.ShutdownTimeout);
        _clock.Advance(LaneStage.ShutdownTimeout);
        await stopping;

        Assert.Equal((10, 2), (stage.Pending, _client.Sent.Count));
        Assert.Empty(stage.Log.Errors);
    }

    private async Task<LaneStage> Start(ListStore? store = null)
    {
        _stage = new LaneStage(Made.Endpoint(workers: 2, queueSize: 10_000), _clock, _client, store);
        await _stage.Start();
        return _stage;
    }
}
