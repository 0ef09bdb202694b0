using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Endpoints;
using Middleware.Events;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Replicas;

/// <summary>An endpoint whose shards two replicas serve.</summary>
[Trait("Speed", "Slow")]
public sealed class SharingShards : IAsyncLifetime
{
    private const string Path = $"{ServiceRequests.Endpoints}/pager";

    private ReplicaGroup _group = null!;
    private MiddlewareService[] _all = null!;

    public async ValueTask InitializeAsync()
    {
        _group = await ReplicaGroup.CreateAsync();
        (string, string)[] settings =
        [
            ("Endpoints:pager:url", "http://127.0.0.1:2/hook"), ("Endpoints:pager:shards", "4"), ("Endpoints:pager:workers", "32"), ("ALLOWED_NETWORKS", "127.0.0.0/8"), ("AUTO_DISABLE_AFTER", "1h"),
        ];
        _all = [await _group.StartAsync(settings), await _group.StartAsync(settings)];
        await Waiting.Until(async () => (await _all[0].Get("/api/v1/replicas"))["items"]!.AsArray() is [var one, var two] && (int)one!["endpoints"]! == 1 && (int)two!["endpoints"]! == 1
            && (int)one["slots"]! + (int)two["slots"]! == 256);
    }

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task Both_deliver_each_event_once_and_what_waits_is_counted_once()
    {
        foreach (var replica in _all)
        {
            replica.Receiver.Hold();
        }

        var ids = await AcceptAsync(200);
        await Waiting.Until(() => _all.Sum(static replica => replica.Receiver.Running) == 32);
        await Waiting.Until(async () => (await _all[1].Get("/api/v1/replicas"))["items"]!.AsArray().Sum(static item => (long)item!["waiting"]!) == 200);

        foreach (var replica in _all)
        {
            replica.Receiver.Release();
        }

        await Waiting.Until(() => _all.All(static replica => replica.WaitsInAll == 0));
        Assert.Equal(ids.Order(), _all.SelectMany(static replica => replica.Receiver.Sent).Select(static delivery => delivery.Event.IdText).Order());
        Assert.All(_all, static replica => Assert.NotEmpty(replica.Receiver.Sent));
        Assert.InRange(_all.Sum(static replica => replica.Receiver.MostAtOnce), 1, 32);
    }

    [Fact]
    public async Task The_health_of_the_endpoint_is_that_of_all_its_shards_on_each()
    {
        foreach (var replica in _all)
        {
            replica.Receiver.Answer = static _ => Made.Attempt(503, FailureReason.FromStatus(503)) with { StartedAt = TimeProvider.System.GetUtcNow() };
        }

        await AcceptAsync(200);
        foreach (var replica in _all)
        {
            var health = await Waiting.SeeAsync(() => replica.Get($"{Path}/health"), static health => (double?)health["success_rate"] == 0 && (string?)health["circuit"] == "open", "all have failed");
            Assert.NotNull(health["p95_ms"]);
        }
    }

    [Fact]
    public async Task A_success_of_one_shard_keeps_the_endpoint_enabled_and_none_does_not()
    {
        // Of the shards of the first replica all fail, and those of the other succeed; one replica has answers at a time.
        _all[0].Receiver.Answer = static _ => Made.Attempt(400, FailureReason.FromStatus(400)) with { StartedAt = TimeProvider.System.GetUtcNow() };
        _all[1].Receiver.Hold();
        await UntilSentAsync(_all[0]);
        await UntilRecordedAsync(_all[0]);
        Assert.NotNull(await FailingSinceAsync());
        await _group.Database.ExecuteAsync("UPDATE endpoints SET failing_since = failing_since - 2 * 3600 * 1000000::bigint");
        await _all[0].Services.GetRequiredService<IEndpointStore>().ReadFailingSinceAsync(new EndpointId("pager"));
        _all[0].Receiver.Hold();
        _all[1].Receiver.Release();
        await UntilSentAsync(_all[1]);
        await UntilRecordedAsync(_all[1]);
        Assert.Null(await FailingSinceAsync());
        _all[0].Receiver.Release();
        await UntilSentAsync(_all[0]);
        Assert.All(_all, static replica => Assert.True(replica.Endpoints.Find(new EndpointId("pager"))!.IsEnabled));

        // No shard succeeds any more, and each success is recorded.
        await UntilRecordedAsync(_all[0]);
        await UntilRecordedAsync(_all[1]);
        _all[1].Receiver.Answer = _all[0].Receiver.Answer;
        await Waiting.Until(async () =>
        {
            await _all[0].Accept();
            return await FailingSinceAsync() is not null;
        });
        await _group.Database.ExecuteAsync("UPDATE endpoints SET failing_since = failing_since - 2 * 3600 * 1000000::bigint");
        await _all[0].Services.GetRequiredService<IEndpointStore>().ReadFailingSinceAsync(new EndpointId("pager"));

        // One that fails now, or one of before that is judged now.
        await Waiting.Until(async () =>
        {
            await _all[0].Accept();
            return _all.All(static replica => replica.Endpoints.Find(new EndpointId("pager")) is { Disabled: DisabledReason.Failing });
        });
    }

    [Fact]
    public async Task Lanes_begin_again_after_each_change_whichever_slots_move_by_it()
    {
        var paths = new List<string>();
        for (var number = 0; number < 6; number++)
        {
            paths.Add($"{ServiceRequests.Endpoints}/{(await _all[0].Create($$"""{"name":"e{{number}}","url":"http://127.0.0.1:2/{{number}}","workers":12,"shards":4}"""))["id"]}");
        }

        foreach (var shards in (int[])[3, 7, 2, 8, 1, 5])
        {
            foreach (var (number, path) in paths.Index())
            {
                await _all[number % 2].Patch(path, HttpStatusCode.OK, $$"""{"shards":{{shards}}}""");
            }

            await AcceptAsync(40);
            await Waiting.Until(async () => await _group.Database.ScalarAsync<long>("SELECT count(*) FROM pending") == 0);
        }
    }

    private async Task<List<string>> AcceptAsync(int count)
    {
        var ids = new List<string>();
        for (var number = 0; number < count; number++)
        {
            ids.Add(await _all[number % 2].Accept($"source {number}"));
        }

        return ids;
    }

    /// <summary>Has events accepted until a replica has sent one more; each is with its replica before the next.</summary>
    private async Task UntilSentAsync(MiddlewareService replica)
    {
        for (var before = replica.Receiver.Sent.Count; replica.Receiver.Sent.Count == before;)
        {
            var sent = Sent();
            await replica.Accept();
            await Waiting.Until(() => Sent() > sent);
        }

        int Sent() => _all.Sum(static one => one.Receiver.Sent.Count);
    }

    /// <summary>Waits until what a replica has sent is answered, recorded and judged: a failure that is judged later sees what the test writes of the endpoint.</summary>
    private Task UntilRecordedAsync(MiddlewareService replica) => Waiting.Until(async () => replica.Receiver.Running == 0
        && Gauges.Read(replica.Services.GetRequiredService<IMeterFactory>(), "integration.workers.busy", new EndpointId("pager")) == 0
        && await _group.Database.ScalarAsync<long>($"SELECT count(*) FROM attempts WHERE replica = 'replica-{Array.IndexOf(_all, replica) + 1}'") == replica.Receiver.Sent.Count);

    private async Task<long?> FailingSinceAsync() => await _group.Database.ScalarAsync<long>("SELECT coalesce(max(failing_since), 0) FROM endpoints") is var since and > 0 ? since : null;
}
