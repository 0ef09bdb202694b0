using Middleware.Domain;
using Middleware.Storage.Memory;
using Middleware.Workers;

namespace Tests.Middleware.Workers;

public sealed class ServedLaneTests
{
    private readonly TestClock _clock = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_worker_that_ended_by_a_defect_is_told_of(bool isDefect)
    {
        var gate = new LaneGate(new Circuit(_clock, Waiting.Cancellation), _clock);
        var lane = new Lane(EndpointId.Default, gate, new LaneBudget(), new MemoryEventStore(_clock), _clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<Lane>.Instance);
        var failed = 0;
        using var served = new ServedLane(lane, gate, _ => isDefect ? Task.FromException(new InvalidOperationException("a defect")) : Task.CompletedTask, new WorkerLimit(10), _clock, Waiting.Cancellation);

        served.Failed += () => Interlocked.Increment(ref failed);
        served.Follow(Made.Endpoint(workers: 2));
        lane.GiveBack(Shipment.Of(Made.Delivery(1)), wasProbe: false);
        await served.Ended.ContinueWith(static _ => { }, TaskScheduler.Default).InTime();

        Assert.Equal(isDefect, failed > 0);
    }
}
