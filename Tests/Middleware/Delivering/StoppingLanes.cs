using Middleware.Events;

namespace Tests.Middleware.Delivering;

/// <summary>The deliveries that are under way or wait when the lanes are stopped.</summary>
public sealed class StoppingLanes : LaneHostStage
{
    [Fact]
    public async Task A_stop_delivers_what_a_store_would_forget()
    {
        Client.Hold();
        var (host, store) = await Start(Made.Endpoint(workers: 2));
        await Accept(store, 50);
        await Waiting.Until(() => Client.Running == 2);

        var stopping = host.StopAsync(Waiting.Cancellation);
        await Clock.WaitBegun(ShutdownTimeout);
        Client.Release();
        await stopping.InTime();

        Assert.Equal(50, Client.Sent.Count);
        Assert.Equal(0, store.Waiting(EndpointId.Default));
        Assert.Empty(Log.Errors);
        Assert.False(host.IsRunning);
    }

    [Fact]
    public async Task A_stop_without_anything_waiting_is_over_at_once()
    {
        var (host, _) = await Start(Made.Endpoint(workers: 5));

        await Stop(host);

        Assert.Empty(Log.Errors);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(3_000)]
    public async Task What_is_left_when_the_time_is_over_is_counted_as_lost(int left)
    {
        Client.Hold();
        var (host, store) = await Start(Made.Endpoint(workers: 2, queueSize: 10_000));
        await Accept(store, left);
        await Waiting.Until(() => Client.Running == Math.Min(2, left));

        var stopping = host.StopAsync(Waiting.Cancellation);
        await Clock.WaitBegun(ShutdownTimeout);
        Clock.Advance(ShutdownTimeout - TimeSpan.FromTicks(1));
        Assert.False(stopping.IsCompleted);
        Clock.Advance(TimeSpan.FromTicks(1));
        await stopping.InTime();
        store.Dispose();

        var line = Assert.Single(Log.Errors);
        Assert.StartsWith("accepted events lost: ", line.Message, StringComparison.Ordinal);
        Assert.Equal(((long)left, 30.0), (line.Values["lost"], line.Values["secondsGiven"]));
        Assert.Equal(0, Client.Running);
    }

    [Fact]
    public async Task A_stop_leaves_what_a_durable_store_keeps()
    {
        Client.Hold();
        var store = new ListStore();
        var host = Create(Made.Endpoint(workers: 2), store);
        await host.StartAsync(store, Endpoints);
        store.Commit(10);
        await Waiting.Until(() => Client.Running == 2);

        var stopping = host.StopAsync(Waiting.Cancellation);
        await Clock.WaitBegun(ShutdownTimeout);
        Clock.Advance(ShutdownTimeout);
        await stopping.InTime();

        Assert.Equal(10, store.Waiting(EndpointId.Default));
        Assert.Equal(2, Client.Sent.Count);
        Assert.Empty(Log.Errors);
    }
}
