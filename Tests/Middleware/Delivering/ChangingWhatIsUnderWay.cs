using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

/// <summary>A change of an endpoint acts on the deliveries that are under way.</summary>
public sealed class ChangingWhatIsUnderWay : OnALane
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private readonly ListStore _store = new();

    public ChangingWhatIsUnderWay() => Client.Answer = _ => Made.Failed();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_endpoint_that_is_disabled_between_two_tries_gets_no_more_and_nothing_is_given_up(bool inBatches)
    {
        var stage = await Start(inBatches ? new BatchPlan(3, TimeSpan.Zero) : null, committed: 3, workers: 3);
        await Clock.WaitBegun(Made.Patient.BaseDelay, count: inBatches ? 1 : 3);
        var sent = Client.Sent.Count;
        stage.Endpoints.Set(stage.Endpoints.All[0] with { Disabled = DisabledReason.Operator });
        Clock.Advance(Made.Patient.BaseDelay);
        await Waiting.Until(() => stage.Log.Of("delivery waits again").Count() == (inBatches ? 1 : 3));
        Assert.Equal((sent, 3), (Client.Sent.Count, stage.Pending));

        Client.Answer = _ => Made.Delivered();
        stage.Endpoints.Set(stage.Endpoints.All[0] with { Disabled = null });
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([.. Enumerable.Repeat(1, sent), .. Enumerable.Repeat(2, sent)], Client.Sent.Select(delivery => delivery.AttemptsBefore + 1));
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_between_two_tries_gets_no_more()
    {
        var stage = await Start(batch: null, committed: 1, workers: 1);
        await Clock.WaitBegun(Made.Patient.BaseDelay);
        stage.Endpoints.Remove(EndpointId.Default);
        Clock.Advance(Made.Patient.BaseDelay);
        await stage.StopAsync();

        Assert.Single(Client.Sent);
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task Fewer_retries_end_what_is_under_way()
    {
        var stage = await Start(batch: null, committed: 1, workers: 1);
        await Clock.WaitBegun(Made.Patient.BaseDelay);
        stage.Endpoints.Set(stage.Endpoints.All[0] with { Retries = Made.Patient with { MaxRetries = 1 } });
        Clock.Advance(Made.Patient.BaseDelay);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal(2, Client.Sent.Count);
    }

    [Fact]
    public async Task A_batch_that_gathers_is_not_sent_to_an_endpoint_that_is_disabled()
    {
        Client.Answer = _ => Made.Delivered();
        var stage = await Start(new BatchPlan(10, MaxWait), committed: 3, workers: 2);
        await Clock.WaitBegun(MaxWait);
        stage.Endpoints.Set(stage.Endpoints.All[0] with { Disabled = DisabledReason.Operator });
        Clock.Advance(2 * MaxWait);
        Assert.Equal((0, 3), (Client.Sent.Count, stage.Pending));

        stage.Endpoints.Set(stage.Endpoints.All[0] with { Disabled = null });
        await Clock.Pass(MaxWait, count: 2);
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal([1, 2, 3], Assert.Single(Client.Batches).Deliveries.Select(delivery => delivery.Sequence));
    }

    [Fact]
    public async Task A_batch_that_gathers_waits_as_long_as_the_plan_says_now()
    {
        Client.Answer = _ => Made.Delivered();
        var stage = await Start(new BatchPlan(10, MaxWait), committed: 3, workers: 2);
        await Clock.WaitBegun(MaxWait);
        Clock.Advance(TimeSpan.FromSeconds(2));
        stage.Endpoints.Set(stage.Endpoints.All[0] with { Batch = new BatchPlan(10, TimeSpan.FromSeconds(5)) });
        await Clock.Pass(TimeSpan.FromSeconds(3));
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal(3, Assert.Single(Client.Batches).Deliveries.Count);
    }

    [Fact]
    public async Task A_batch_that_gathers_goes_one_by_one_when_the_endpoint_wants_no_batches()
    {
        Client.Answer = _ => Made.Delivered();
        var stage = await Start(new BatchPlan(10, MaxWait), committed: 3, workers: 1);
        await Clock.WaitBegun(MaxWait);
        stage.Endpoints.Set(stage.Endpoints.All[0] with { Batch = null });
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Empty(Client.Batches);
        Assert.Equal([1, 2, 3], Client.Sent.Select(delivery => delivery.Sequence));
    }

    private Task<LaneStage> Start(BatchPlan? batch, int committed, int workers)
    {
        _store.Commit(committed);
        return Start(Made.Endpoint(workers: workers, retries: Made.Patient) with { Batch = batch }, _store);
    }
}
