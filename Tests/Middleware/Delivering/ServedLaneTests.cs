using Microsoft.Extensions.Logging.Abstractions;
using Middleware.Delivering;
using Middleware.Endpoints;

namespace Tests.Middleware.Delivering;

public sealed class ServedLaneTests : IDisposable
{
    private readonly FakeDeliveryClient _client = new();
    private readonly TestClock _clock = new();
    private readonly WorkerLimit _limit = new(10);
    private readonly List<ServedLane> _served = [];
    private long _committed;

    public void Dispose()
    {
        _client.Release();
        _served.ForEach(static served => served.Dispose());
    }

    [Fact]
    public async Task Workers_without_a_delivery_end_and_leave_the_limit_to_other_lanes()
    {
        _client.Hold();
        for (var number = 0; number < 5; number++)
        {
            Commit(Serve(Made.Endpoint(workers: 2)), count: 2);
        }

        await Waiting.Until(() => _client.Running == 10);
        _client.Release();
        await Task.WhenAll(_served.Select(static served => served.Ended)).InTime();

        _client.Hold();
        Commit(Serve(Made.Endpoint(workers: 10)), count: 10);
        await Waiting.Until(() => _client.Running == 10);
    }

    [Fact]
    public async Task An_endpoint_that_is_disabled_and_enabled_while_its_receiver_hangs_has_no_more_under_way_than_workers()
    {
        _client.Hold();
        var endpoint = Made.Endpoint(workers: 3);
        var served = Serve(endpoint);
        Commit(served, count: 20);
        await Waiting.Until(() => _client.Running == 3);

        served.Follow(endpoint with { Disabled = DisabledReason.Operator });
        served.Follow(endpoint);
        Assert.Equal(3, _limit.Running);

        _client.Release();
        await Waiting.Until(() => _client.Sent.Count == 20);
        Assert.Equal(3, _client.MostAtOnce);
    }

    [Fact]
    public async Task A_lane_of_which_one_worker_has_ended_while_the_others_hang_has_no_more_under_way_than_workers()
    {
        _client.Hold();
        _client.Holds = static delivery => delivery.Sequence != 3;
        var served = Serve(Made.Endpoint(workers: 3));
        Commit(served, count: 3);
        await Waiting.Until(() => _client.Sent.Count == 3 && _limit.Running == 2);

        Commit(served, count: 10);
        await Waiting.Until(() => _limit.Running == 3);

        _client.Release();
        await Waiting.Until(() => _client.Sent.Count == 13);
        Assert.InRange(_client.MostAtOnce, 2, 3);
    }

    [Fact]
    public async Task A_burst_starts_no_worker_while_one_gathers_a_batch()
    {
        var served = Serve(Made.Endpoint(workers: 10) with { Batch = new BatchPlan(1_000, TimeSpan.FromMinutes(1)) });
        Commit(served, count: 1);
        await Waiting.Until(() => served.Lane.Demand.Wanted == 0);

        Commit(served, count: 500);

        Assert.Equal(1, _limit.Running);
    }

    [Fact]
    public async Task A_lane_that_drains_ends_when_it_is_complete_or_disabled()
    {
        var (drained, disabled) = (Serve(Made.Endpoint()), Serve(Made.Endpoint()));
        Assert.True(drained.Ended.IsCompleted);
        drained.Drain();
        disabled.Drain();
        var (one, other) = (drained.Ended, disabled.Ended);
        Assert.False(one.IsCompleted || other.IsCompleted);

        drained.Complete();
        disabled.Follow(Made.Endpoint() with { Disabled = DisabledReason.Operator });

        await Task.WhenAll(one, other).InTime();
    }

    private ServedLane Serve(WebhookEndpoint endpoint)
    {
        var gate = new LaneGate(new Circuit(_clock, Waiting.Cancellation), _clock);
        var lane = new Lane(LaneId.Whole(endpoint.Id), gate, new LaneBudget(), new ListStore(), _clock, NullLogger<Lane>.Instance);
        var served = new ServedLane(LaneId.Whole(endpoint.Id), lane, gate, Work, _limit, LaneTerm.Of(OwnsAll.Instance, Waiting.Cancellation, Waiting.Cancellation));
        served.Follow(endpoint);
        lane.Start();
        _served.Add(served);
        return served;

        async Task Work(CancellationToken leave)
        {
            while (await lane.TakeAsync(leave) is var (shipment, pass))
            {
                await _client.SendAsync(shipment, endpoint, Waiting.Cancellation);
                pass.Leave();
            }
        }
    }

    private void Commit(ServedLane served, int count)
    {
        for (; count > 0; count--)
        {
            served.Lane.Offer(Made.Delivery(++_committed));
        }
    }
}
