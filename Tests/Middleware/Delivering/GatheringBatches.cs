using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Delivering;

public sealed class GatheringBatches : OnALane
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_full_batch_goes_at_once_and_the_rest_when_its_first_has_waited(int workers)
    {
        var stage = await Start(maxSize: 10, workers);
        var accepted = await stage.Accept(25);
        await Waiting.Until(() => stage.Pending == 5);

        await Clock.WaitBegun(MaxWait, 3);
        Clock.Advance(MaxWait - TimeSpan.FromTicks(1));
        Assert.Equal([10, 10], Sizes());

        Clock.Advance(TimeSpan.FromTicks(1));
        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal([5, 10, 10], Sizes().Order());
        Assert.Equal(accepted.Select(one => one.Id).Order(), Client.Sent.Select(sent => sent.Event.Id).Order());
        Assert.Equal(3, Client.Batches.Select(batch => batch.BatchId).Distinct().Count());
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task What_comes_later_does_not_prolong_the_wait()
    {
        var stage = await Start(maxSize: 10, workers: 4);
        for (var second = 0; second < 5; second++)
        {
            await stage.Accept(1);
            await Clock.WaitBegun(MaxWait);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await Waiting.Until(() => stage.Pending == 0);
        Assert.Equal([5], Sizes());
        Assert.Single(Clock.Waits, wait => wait == MaxWait);
    }

    [Fact]
    public async Task A_batch_is_in_the_order_of_the_lane()
    {
        var stage = await Closed(maxSize: 4, workers: 1);
        var low = await stage.Accept(2);
        var critical = await stage.Accept(2, Priority.Critical);
        Open(stage);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([.. critical, .. low], Assert.Single(Client.Batches).Deliveries.Select(delivery => delivery.Event));
    }

    [Fact]
    public async Task One_event_that_nobody_joins_goes_alone()
    {
        var stage = await Start(maxSize: 10, workers: 2);
        await stage.Accept(1);
        await Clock.Pass(MaxWait);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Empty(Client.Batches);
        Assert.Single(Client.Sent);
    }

    [Fact]
    public async Task Without_a_wait_a_batch_is_what_is_at_hand()
    {
        var stage = await Closed(maxSize: 10, workers: 1, TimeSpan.Zero);
        await stage.Accept(14);
        Open(stage);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([10, 4], Sizes());
    }

    [Fact]
    public async Task A_batch_of_many_bytes_goes_before_it_has_its_size()
    {
        var stage = await Closed(maxSize: 100, workers: 1, TimeSpan.Zero);
        await stage.Accept(17, payload: new string('x', 256 << 10));
        Open(stage);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([16], Sizes());
        Assert.Equal(17, Client.Sent.Count);
    }

    [Fact]
    public async Task A_stop_of_the_memory_store_sends_what_is_gathered_at_once()
    {
        var stage = await Start(maxSize: 10, workers: 2);
        await stage.Accept(3);
        await Clock.WaitBegun(MaxWait);

        await stage.StopAsync();

        Assert.Equal([3], Sizes());
        Assert.Empty(stage.Log.Errors);
    }

    [Fact]
    public async Task An_endpoint_that_wants_none_any_more_gets_no_more_batches()
    {
        var stage = await Start(maxSize: 2, workers: 2);
        await stage.Accept(2);
        await Waiting.Until(() => stage.Pending == 0);

        stage.Endpoints.Set(Made.Endpoint(workers: 2));
        await stage.Accept(6);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([2], Sizes());
        Assert.Equal(8, Client.Sent.Count);
    }

    [Fact]
    public async Task What_was_given_up_by_an_open_circuit_is_the_same_batch_again()
    {
        Client.Answer = _ => Made.Failed();
        var stage = await Closed(maxSize: 5, workers: 20, retries: Made.Patient);
        var accepted = await stage.Accept(100);
        Open(stage);
        await Clock.WaitBegun(TimeSpan.FromSeconds(15));
        Assert.Equal(20, Client.Batches.Count);

        Client.Answer = _ => Made.Delivered();
        Clock.Advance(TimeSpan.FromSeconds(15));
        await Waiting.Until(() => stage.Pending == 0);

        Assert.All(Client.Batches.GroupBy(batch => batch.BatchId), tries =>
            Assert.Single(tries.Select(batch => string.Join(' ', batch.Deliveries.Select(delivery => delivery.Sequence))).Distinct()));
        Assert.Equal(20, Client.Batches.Select(batch => batch.BatchId).Distinct().Count());
        Assert.Equal(100, accepted.Count);
        Assert.Empty(stage.Log.Errors);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task A_refused_batch_is_halved_down_to_the_event_that_is_refused(int status)
    {
        IntegrationEvent? bad = null;
        Client.AnswerBatch = batch => batch.Deliveries.Any(delivery => delivery.Event == bad) ? Refused(status) : Made.Delivered();
        Client.Answer = delivery => delivery.Event == bad ? Refused(status) : Made.Delivered();
        var stage = await Closed(maxSize: 8, workers: 1, TimeSpan.Zero);
        bad = (await stage.Accept(8))[5];
        Open(stage);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([8, 4, 4, 2, 1, 1, 2], Sizes());
        var failed = Assert.Single(stage.Log.Of("failed to send event"));
        Assert.Equal(bad.IdText, failed.Values["eventId"]);
        Assert.Equal(7, stage.Log.Of("event delivered").Count());
    }

    public static TheoryData<int> StatusesOfTheReceiver => [401, 403, 404, 405, 415, 431, 408, 410, 429, 302, 503];

    [Theory]
    [MemberData(nameof(StatusesOfTheReceiver))]
    public async Task What_is_not_the_fault_of_an_event_ends_all_of_them(int status)
    {
        Client.AnswerBatch = _ => Refused(status);
        var stage = await Closed(maxSize: 8, workers: 1, TimeSpan.Zero);
        await stage.Accept(8);
        Open(stage);
        await Waiting.Until(() => stage.Pending == 0);

        Assert.Equal([8], Sizes());

        // They are told of after they are recorded.
        await Waiting.Until(() => stage.Log.Of("failed to send event").Count() >= 8);
        Assert.Equal(8, stage.Log.Of("failed to send event").Count());
    }

    private static Attempt Refused(int status) => Made.Attempt(status, FailureReason.FromStatus(status));

    private IEnumerable<int> Sizes() => Client.Batches.Select(batch => batch.Deliveries.Count);

    /// <summary>A lane that holds what it is given until <see cref="Open"/>, so that it is at hand together.</summary>
    private Task<LaneStage> Closed(int maxSize, int workers, TimeSpan? maxWait = null, RetryPlan? retries = null) =>
        Start(Made.Endpoint(workers: workers, retries: retries) with { Batch = new BatchPlan(maxSize, maxWait ?? MaxWait), Disabled = DisabledReason.Operator });

    private static void Open(LaneStage stage) => stage.Endpoints.Set(stage.Endpoints.All[0] with { Disabled = null });

    private async Task<LaneStage> Start(int maxSize, int workers)
    {
        var stage = await Closed(maxSize, workers);
        Open(stage);
        return stage;
    }
}
