using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Endpoints;
using Middleware.Events;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Replicas;

/// <summary>An endpoint whose shards two replicas serve.</summary>
[Trait("Speed", "Slow")]
public sealed class SharingShards() : OnReplicas(
    2, ("Endpoints:pager:url", "http://127.0.0.1:2/hook"), ("Endpoints:pager:shards", "4"), ("Endpoints:pager:workers", "32"), ("ALLOWED_NETWORKS", "127.0.0.0/8"), ("AUTO_DISABLE_AFTER", "1h"))
{
    private const int WorkersOfShard = 8;
    private const string Path = $"{ServiceRequests.Endpoints}/pager";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Waiting.Until(async () => (await All[0].Get("/api/v1/replicas"))["items"]!.AsArray() is [var one, var two] && (int)one!["endpoints"]! == 1 && (int)two!["endpoints"]! == 1
            && (int)one["slots"]! + (int)two["slots"]! == 256);
    }

    [Fact]
    public async Task Both_deliver_each_event_once_and_what_waits_is_counted_once()
    {
        foreach (var replica in All)
        {
            replica.Receiver.Hold();
        }

        var ids = await AcceptAsync(200);
        await Waiting.Until(() => All.Sum(static replica => replica.Receiver.Running) == 32);
        await Waiting.Until(async () => (await All[1].Get("/api/v1/replicas"))["items"]!.AsArray().Sum(static item => (long)item!["waiting"]!) == 200);

        foreach (var replica in All)
        {
            replica.Receiver.Release();
        }

        await Waiting.Until(() => All.All(static replica => replica.WaitsInAll == 0));
        Assert.Equal(ids.Order(), All.SelectMany(static replica => replica.Receiver.Sent).Select(static delivery => delivery.Event.IdText).Order());
        Assert.All(All, static replica => Assert.NotEmpty(replica.Receiver.Sent));
        Assert.InRange(All.Sum(static replica => replica.Receiver.MostAtOnce), 1, 32);
    }

    [Fact]
    public async Task The_health_of_the_endpoint_is_that_of_all_its_shards_on_each()
    {
        foreach (var replica in All)
        {
            replica.Receiver.Answer = static _ => Made.Attempt(503, FailureReason.FromStatus(503)) with { StartedAt = TimeProvider.System.GetUtcNow() };
        }

        await AcceptAsync(200);
        foreach (var replica in All)
        {
            var health = await Waiting.SeeAsync(() => replica.Get($"{Path}/health"), static health => (double?)health["success_rate"] == 0 && (string?)health["circuit"] == "open", "all have failed");
            Assert.NotNull(health["p95_ms"]);
        }
    }

    [Fact]
    public async Task A_success_of_one_shard_keeps_the_endpoint_enabled_and_none_does_not()
    {
        // Of the shards of the first replica all fail, and those of the other succeed; one replica has answers at a time.
        All[0].Receiver.Answer = static _ => Made.Attempt(400, FailureReason.FromStatus(400)) with { StartedAt = TimeProvider.System.GetUtcNow() };
        All[1].Receiver.Hold();
        await UntilSentAsync(All[0]);
        await UntilRecordedAsync(All[0]);
        Assert.NotNull(await FailingSinceAsync());
        await Group.Database.ExecuteAsync("UPDATE endpoints SET failing_since = failing_since - 2 * 3600 * 1000000::bigint");
        await All[0].Services.GetRequiredService<IEndpointStore>().ReadFailingSinceAsync(new EndpointId("pager"));
        All[0].Receiver.Hold();
        All[1].Receiver.Release();
        await UntilSentAsync(All[1]);
        await UntilRecordedAsync(All[1]);
        Assert.Null(await FailingSinceAsync());
        All[0].Receiver.Release();
        await UntilSentAsync(All[0]);
        Assert.All(All, static replica => Assert.True(replica.Endpoints.Find(new EndpointId("pager"))!.IsEnabled));

        // No shard succeeds any more, and each success is recorded.
        await UntilRecordedAsync(All[0]);
        await UntilRecordedAsync(All[1]);
        All[1].Receiver.Answer = All[0].Receiver.Answer;
        await Waiting.Until(async () =>
        {
            await All[0].Accept();
            return await FailingSinceAsync() is not null;
        });
        await Group.Database.ExecuteAsync("UPDATE endpoints SET failing_since = failing_since - 2 * 3600 * 1000000::bigint");
        await All[0].Services.GetRequiredService<IEndpointStore>().ReadFailingSinceAsync(new EndpointId("pager"));

        // One that fails now, or one of before that is judged now.
        await Waiting.Until(async () =>
        {
            await All[0].Accept();
            return All.All(static replica => replica.Endpoints.Find(new EndpointId("pager")) is { Disabled: DisabledReason.Failing });
        });
    }

    [Fact]
    public async Task Lanes_begin_again_after_each_change_whichever_slots_move_by_it()
    {
        var paths = new List<string>();
        for (var number = 0; number < 6; number++)
        {
            paths.Add($"{ServiceRequests.Endpoints}/{(await All[0].Create($$"""{"name":"e{{number}}","url":"http://127.0.0.1:2/{{number}}","workers":12,"shards":4}"""))["id"]}");
        }

        foreach (var shards in (int[])[3, 7, 2, 8, 1, 5])
        {
            foreach (var (number, path) in paths.Index())
            {
                await All[number % 2].Patch(path, HttpStatusCode.OK, $$"""{"shards":{{shards}}}""");
            }

            await AcceptAsync(40);
            await Waiting.Until(async () => await Group.Database.ScalarAsync<long>("SELECT count(*) FROM pending") == 0);
        }
    }

    private async Task<List<string>> AcceptAsync(int count)
    {
        var ids = new List<string>();
        for (var number = 0; number < count; number++)
        {
            ids.Add(await All[number % 2].Accept($"source {number}"));
        }

        return ids;
    }

    /// <summary>
    /// Has events accepted until a replica has sent one more. Each is with its replica before the next, unless it may be behind those that the workers of a shard hold.
    /// </summary>
    private async Task UntilSentAsync(MiddlewareService replica)
    {
        for (var before = replica.Receiver.Sent.Count; replica.Receiver.Sent.Count == before;)
        {
            var sent = Sent();
            await replica.Accept();
            await Waiting.Until(() => Sent() > sent || All.Any(static one => one.Receiver.Running >= WorkersOfShard));
        }

        int Sent() => All.Sum(static one => one.Receiver.Sent.Count);
    }

    /// <summary>Waits until what a replica has sent is answered, recorded and judged: a failure that is judged later sees what the test writes of the endpoint.</summary>
    private Task UntilRecordedAsync(MiddlewareService replica) => Waiting.Until(async () => replica.Receiver.Running == 0
        && Gauges.Read(replica.Services.GetRequiredService<IMeterFactory>(), "integration.workers.busy", new EndpointId("pager")) == 0
        && await Group.Database.ScalarAsync<long>($"SELECT count(*) FROM attempts WHERE replica = 'replica-{Array.IndexOf(All, replica) + 1}'") == replica.Receiver.Sent.Count);

    private async Task<long?> FailingSinceAsync() => await Group.Database.ScalarAsync<long>("SELECT coalesce(max(failing_since), 0) FROM endpoints") is var since and > 0 ? since : null;
}
