namespace Tests.Chaos;

/// <summary>Limits of an endpoint whose lane moves from one replica to another.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class LimitingReplicas
{
    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lane_that_moves_has_no_fresh_burst(bool isKilled)
    {
        const int Burst = 4;
        const double PerSecond = 0.5;
        await using var stage = await ReplicaStage.SetAsync(members: """ "workers":4,"rate_limit":{"per_second":0.5,"burst":4} """);
        stage.Held.IsHolding = false;
        for (var number = 0; number < 2 * Burst; number++)
        {
            await ReplicaStage.AcceptAsync(stage.Other);
        }

        await Waiting.Until(async () => await stage.PendingAsync() == Burst);
        await (isKilled ? stage.Owner.KillAsync() : stage.Owner.StopAsync());
        await Waiting.Until(async () => await stage.PendingAsync() == 0);

        Assert.InRange(stage.Receiver.Of(ReplicaStage.Endpoint).BurstAt(PerSecond), 1, Burst + 1);
    }
}
