using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public sealed class LimitedRate : OnALane
{
    private static readonly TimeSpan Tenth = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_burst_goes_at_once_and_the_rest_at_the_rate(int workers)
    {
        var stage = await Start(new RateLimit(10, 5), workers);
        await stage.Accept(20);

        for (var waits = 1; waits <= 15; waits++)
        {
            await Clock.WaitBegun(Tenth, waits);
            await Waiting.Until(() => Client.Sent.Count == 4 + waits);
            Clock.Advance(Tenth - TimeSpan.FromTicks(1));
            Assert.Equal(4 + waits, Client.Sent.Count);
            Clock.Advance(TimeSpan.FromTicks(1));
        }

        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal(Enumerable.Range(1, 20), Client.Sent.Select(sent => (int)sent.Sequence).Order());
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task What_comes_while_the_lane_waits_goes_by_its_priority()
    {
        var stage = await Start(new RateLimit(10, 1));
        await stage.Accept(3);
        await Clock.WaitBegun(Tenth);
        var critical = Assert.Single(await stage.Accept(1, Priority.Critical));

        await Clock.Pass(Tenth);
        await Clock.WaitBegun(Tenth, 2);

        await Sent(2);
        Assert.Same(critical, Client.Sent[1].Event);
    }

    [Fact]
    public async Task A_changed_limit_acts_at_once()
    {
        var stage = await Start(new RateLimit(0.1, 2));
        await stage.Accept(20);
        await Clock.WaitBegun(TimeSpan.FromSeconds(10));
        await Sent(2);

        stage.Endpoints.Set(Endpoint(new RateLimit(10, 5), 3));
        await Clock.Pass(Tenth);
        await Clock.WaitBegun(Tenth, 2);
        await Sent(3);

        stage.Endpoints.Set(Endpoint(null, 3));
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal(20, Client.Sent.Count);
    }

    [Fact]
    public async Task A_change_of_something_else_gives_no_burst()
    {
        var stage = await Start(new RateLimit(10, 5));
        await stage.Accept(20);
        await Clock.WaitBegun(Tenth);

        stage.Endpoints.Set(Endpoint(new RateLimit(10, 5), workers: 6));
        await Clock.Pass(Tenth);
        await Clock.WaitBegun(Tenth, 2);

        await Sent(6);
    }

    [Fact]
    public async Task A_stop_ends_the_wait()
    {
        var store = new ListStore();
        var stage = await Start(new RateLimit(0.1, 5), store: store);
        store.Commit(20);
        await Clock.WaitBegun(TimeSpan.FromSeconds(10));
        await Sent(5);

        await stage.StopAsync();

        Assert.Equal((5, 15), (Client.Sent.Count, stage.Pending));
    }

    [Fact]
    public async Task An_open_circuit_takes_no_token()
    {
        Client.Answer = _ => Made.Failed();
        var stage = await Start(new RateLimit(0.1, 20), workers: 1);
        await stage.Accept(30);
        await Clock.WaitBegun(TimeSpan.FromSeconds(15));
        Client.Answer = _ => Made.Delivered();

        // One token has come after 10 s, the next comes after 20 s.
        Clock.Advance(TimeSpan.FromSeconds(15));
        await Clock.WaitBegun(TimeSpan.FromSeconds(5));

        Assert.Equal((21, CircuitState.Closed), (Client.Sent.Count, stage.State));
    }

    /// <summary>Waits until so many are sent: the worker that waits for the next turn may be another than the one that sends. No more are.</summary>
    private async Task Sent(int count)
    {
        await Waiting.Until(() => Client.Sent.Count >= count);
        Assert.Equal(count, Client.Sent.Count);
    }

    private static WebhookEndpoint Endpoint(RateLimit? limit, int workers) => Made.Endpoint(workers: workers) with { RateLimit = limit };

    private Task<LaneStage> Start(RateLimit limit, int workers = 3, ListStore? store = null) => Start(Endpoint(limit, workers), store);
}
