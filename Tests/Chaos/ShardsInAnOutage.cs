namespace Tests.Chaos;

/// <summary>An endpoint with shards whose receiver refuses connections for a while, in which its lanes move and their number changes.</summary>
[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class ShardsInAnOutage
{
    private const int Events = 120;

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData("")]
    [InlineData(""","batch":{"max_size":3,"max_wait":"20ms"} """)]
    public async Task Each_event_comes_once_when_the_receiver_is_back(string batch)
    {
        await using var stage = await ReplicaStage.SetAsync(members: $""" "workers":32,"shards":4,"max_retries":10,"base_delay":"50ms"{batch}""");
        stage.Held.IsHolding = false;
        await stage.Receiver.GoAwayAsync();
        var ids = await AcceptAsync(stage.Owner, stage.Other);

        // All attempts fail, and each circuit opens.
        await Waiting.SeeAsync(() => stage.Other.Client.GetStringAsync("/api/v1/endpoints", Waiting.Cancellation), static list => list.Contains("\"circuit\":\"open\"", StringComparison.Ordinal), "a circuit opens");
        await stage.ReshardAsync(stage.Other, 6);
        await stage.KillOwnerAsync();
        ids.AddRange(await AcceptAsync(stage.Other));
        await stage.StartOwnerAsync();
        await stage.ReshardAsync(stage.Owner, 3);
        await stage.Receiver.ComeBackAsync();

        await Waiting.Until(async () => await stage.PendingAsync() == 0);
        var received = stage.Receiver.Of(ReplicaStage.Endpoint);
        Assert.Equal(ids.Order(), received.All.SelectMany(static request => request.Events).Order());
        Assert.Equal(0, await stage.Database.ScalarAsync<long>("SELECT count(*) FROM dead_letters"));
    }

    private static async Task<List<string>> AcceptAsync(params Replica[] replicas)
    {
        var ids = new List<string>();
        for (var number = 0; number < Events; number++)
        {
            ids.Add(await ReplicaStage.AcceptAsync(replicas[number % replicas.Length]));
        }

        return ids;
    }
}
