namespace Tests.Chaos;

/// <summary>The order by key of an endpoint whose lanes move between replicas, while both accept.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class MovingInOrder
{
    [Fact(Timeout = Waiting.TestLimit)]
    public async Task No_event_overtakes_another_of_its_key_when_its_lane_moves()
    {
        await using var stage = await ReplicaStage.SetAsync(members: OrderedLoad.Members);
        var load = new OrderedLoad(stage);
        await load.UntilMoreAreAccepted();

        // A kill, whose attempts under way are repeated; then a hand-over, which repeats none.
        var (killed, moved) = await stage.KillOwnerAsync();
        await load.UntilMoreAreAccepted();
        await stage.StartOwnerAsync();
        await load.UntilMoreAreAccepted();
        await stage.Other.StopAsync();
        await load.UntilMoreAreAccepted();

        await load.EndAsync(killed, moved);
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Nor_when_the_number_of_shards_changes_whatever_becomes_of_their_owners()
    {
        await using var stage = await ReplicaStage.SetAsync(members: $"{OrderedLoad.Members},\"shards\":3");
        var load = new OrderedLoad(stage);
        await load.UntilMoreAreAccepted();

        // Each change is made on one replica and known to the other a moment later.
        foreach (var shards in (int[])[8, 1, 5])
        {
            await stage.ReshardAsync(stage.Other, shards);
            await load.UntilMoreAreAccepted();
            await stage.ReshardAsync(stage.Owner, shards == 1 ? 4 : 2);
        }

        // The other drains its lanes, or has not heard of it yet.
        await stage.ReshardAsync(stage.Other, 6);
        var (killed, moved) = await stage.KillOwnerAsync();
        await load.UntilMoreAreAccepted();
        await stage.ReshardAsync(stage.Other, 7);
        await stage.StartOwnerAsync();
        await load.UntilMoreAreAccepted();
        await stage.ReshardAsync(stage.Owner, 3);
        await stage.Other.StopAsync();
        await load.UntilMoreAreAccepted();

        await load.EndAsync(killed, moved);
        Assert.DoesNotContain(stage.Receiver.Of(ReplicaStage.Endpoint).AtOnce, instant => instant.Count > 8 && !(instant.At >= killed && instant.At <= moved));
        Assert.Equal(2, await stage.Database.ScalarAsync<long>("SELECT count(DISTINCT replica) FROM attempts"));
    }
}
