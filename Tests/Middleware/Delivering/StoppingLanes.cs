namespace Tests.Middleware.Delivering;

/// <summary>The deliveries that are under way or wait when the lanes are stopped.</summary>
public sealed class StoppingLanes : OnALane
{
    public StoppingLanes() => Client.Hold();

    [Fact]
    public async Task A_stop_delivers_what_a_store_would_forget()
    {
        var stage = await Start();
        await stage.Accept(50);
        await Waiting.Until(() => Client.Running == 2);

        var stopping = stage.StopAsync();
        await Clock.WaitBegun(LaneStage.ShutdownTimeout);
        Client.Release();
        await stopping;

        Assert.Equal((50, 0), (Client.Sent.Count, stage.Pending));
        Assert.Empty(stage.Log.Errors);
        Assert.False(stage.IsRunning);
    }

    [Fact]
    public async Task A_stop_without_anything_waiting_is_over_at_once()
    {
        var stage = await Start(Made.Endpoint(workers: 5));

        await stage.StopAsync();

        Assert.Empty(stage.Log.Errors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(3_000)]
    public async Task What_is_left_when_the_time_is_over_is_counted_as_lost(int left)
    {
        var stage = await Start();
        await stage.Accept(left);
        await Waiting.Until(() => Client.Running == Math.Min(2, left));

        var stopping = stage.StopAsync();
        await Clock.WaitBegun(LaneStage.ShutdownTimeout);
        Clock.Advance(LaneStage.ShutdownTimeout - TimeSpan.FromTicks(1));
        Assert.False(stopping.IsCompleted);
        Clock.Advance(TimeSpan.FromTicks(1));
        await stopping;
        await stage.DisposeAsync();

        var line = Assert.Single(stage.Log.Errors);
        Assert.StartsWith("accepted events lost: ", line.Message, StringComparison.Ordinal);
        Assert.Equal((long)left, line.Values["lost"]);
        Assert.Equal(0, Client.Running);
    }

    [Fact]
    public async Task A_stop_leaves_what_a_durable_store_keeps()
    {
        var store = new ListStore();
        var stage = await Start(store);
        store.Commit(10);
        await Waiting.Until(() => Client.Running == 2);

        var stopping = stage.StopAsync();
        await Clock.Pass(LaneStage.ShutdownTimeout);
        await stopping;

        Assert.Equal((10, 2), (stage.Pending, Client.Sent.Count));
        Assert.Empty(stage.Log.Errors);
    }

    private Task<LaneStage> Start(ListStore? store = null) => Start(Made.Endpoint(workers: 2, queueSize: 10_000), store);
}
