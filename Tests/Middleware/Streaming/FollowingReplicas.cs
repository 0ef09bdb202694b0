using System.Collections.Concurrent;
using Tests.Middleware.Replicas;

namespace Tests.Middleware.Streaming;

/// <summary>Listeners that go from replica to replica while events are accepted at all of them.</summary>
[Trait("Speed", "Slow")]
public sealed class FollowingReplicas : OnReplicas
{
    private const int Events = 300;

    [Theory(Timeout = Waiting.TestLimit)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_listener_that_comes_back_to_either_gets_each_event_once(int seed)
    {
        MiddlewareService[] replicas = [await Group.StartAsync(), await Group.StartAsync()];
        var (random, accepted, got) = (new Random(seed), new ConcurrentBag<string>(), new List<string>());
        var stream = await EventStream.OpenAsync(replicas[0].Http);
        var accepting = Task.WhenAll(replicas.SelectMany(replica => new[] { replica, replica }).Select(replica => AcceptAsync(replica, Events, accepted)));

        while (got.Count < 4 * Events)
        {
            got.AddRange(await stream.NextIdsAsync(Math.Min(random.Next(1, 60), (4 * Events) - got.Count)));
            var last = stream.LastId;
            stream.Dispose();
            stream = await EventStream.OpenAfterAsync(replicas[random.Next(2)].Http, last);
        }

        await accepting.InTime();
        stream.Dispose();
        Assert.Equal(accepted.Order(), got.Order());
    }

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task Nothing_is_lost_between_replicas_that_come_and_go()
    {
        var (replicas, accepted, got) = (new List<MiddlewareService> { await Group.StartAsync() }, new ConcurrentBag<string>(), new List<string>());
        var last = "";
        for (var round = 0; round < 4; round++)
        {
            // A new one takes a stream that nobody had lately, the next may take that of one that is gone.
            replicas.Add(await Group.StartAsync());
            using (var stream = last.Length == 0 ? await EventStream.OpenAsync(replicas[0].Http) : await EventStream.OpenAfterAsync(replicas[^1].Http, last))
            {
                await AcceptAsync(replicas[0], 20, accepted);
                await AcceptAsync(replicas[^1], 20, accepted);
                got.AddRange(await stream.NextIdsAsync(30 + (round == 0 ? 0 : 20)));
                last = stream.LastId;
            }

            await AcceptAsync(replicas[0], 10, accepted);
            await Group.StopAsync(replicas[0]);
            replicas.RemoveAt(0);
        }

        using var end = await EventStream.OpenAfterAsync(replicas[0].Http, last);
        got.AddRange(await end.NextIdsAsync(accepted.Count - got.Count));
        Assert.Equal(accepted.Order(), got.Order());
    }

    private static async Task AcceptAsync(MiddlewareService replica, int count, ConcurrentBag<string> accepted) => (await replica.Accept(count)).ForEach(accepted.Add);
}
