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
    public async Task Workers_that_stay_idle_end_and_leave_the_limit_to_other_lanes()
    {
        _client.Hold();
        for (var number = 0; number < 5; number++)
        {
            Commit(Serve(Made.Endpoint(workers: 2)), count: 2);
        }

        await Waiting.Until(() => _client.Running == 10);
        _client.Release();
        await Waiting.Until(() => _served.All(static served => Idle(served) == 2));
        _clock.Advance(ServedLane.Patience);
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
    public async Task A_lane_of_which_one_worker_stays_idle_while_the_others_hang_has_no_more_under_way_than_workers()
    {
        _client.Hold();
        _client.Holds = static delivery => delivery.Sequence != 3;
        var served = Serve(Made.Endpoint(workers: 3));
        Commit(served, count: 3);
        await Waiting.Until(() => _client.Sent.Count == 3 && Idle(served) == 1);

        _clock.Advance(ServedLane.Patience);
        Commit(served, count: 10);
        Assert.InRange(_limit.Running, 2, 3);

        _client.Release();
        await Waiting.Until(() => _client.Sent.Count == 13);
        Assert.InRange(_client.MostAtOnce, 2, 3);
    }

    [Fact]
    public async Task A_burst_starts_no_worker_while_one_gathers_a_batch_and_another_is_idle()
    {
        _client.Hold();
        var served = Serve(Made.Endpoint(workers: 2));
        Commit(served, count: 2);
        await Waiting.Until(() => _client.Running == 2);
        served.Follow(Made.Endpoint(workers: 10) with { Batch = new BatchPlan(1_000, TimeSpan.FromMinutes(1)) });
        _client.Release();
        await Waiting.Until(() => Idle(served) == 2);

        Commit(served, count: 500);

        Assert.Equal(2, _limit.Running);
    }

    /// <summary>Counts the workers that wait for a delivery.</summary>
    private static int Idle(ServedLane served)
    {
        served.Lane.Demand.TakeLeastIdle();
        return served.Lane.Demand.TakeLeastIdle();
    }

    private ServedLane Serve(WebhookEndpoint endpoint)
    {
        var gate = new LaneGate(new Circuit(_clock, Waiting.Cancellation), _clock);
        var lane = new Lane(LaneId.Whole(endpoint.Id), gate, new LaneBudget(), new ListStore(), _clock, NullLogger<Lane>.Instance);
        var served = new ServedLane(LaneId.Whole(endpoint.Id), lane, gate, Work, _limit, _clock, LaneTerm.Of(OwnsAll.Instance, Waiting.Cancellation, Waiting.Cancellation));
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
