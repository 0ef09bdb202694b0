using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;
using Middleware.Storage.Sql;
using Tests.Middleware.Replays;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>The reads of the lanes of shards: each delivery is read by one of them, the one that the program computes.</summary>
public sealed class ReadingShards() : OnADurableStore("plain")
{
    private const int Shards = 5;

    private static readonly WebhookEndpoint Plain = Made.Endpoint("plain") with { Layout = LaneLayout.Of(Shards) };
    private static readonly WebhookEndpoint Ordered = Made.Endpoint("ordered") with { Layout = LaneLayout.Of(Shards), Ordering = Made.Ordering() };

    [Fact]
    public async Task Each_pending_delivery_is_read_by_its_lane_alone()
    {
        await AcceptAsync(Plain, 100);
        await AcceptAsync(Ordered, 100);

        await AssertSharedOutAsync(Plain, Priority.Low, 100);
        await AssertSharedOutAsync(Ordered, Priority.Ordered, 100);
    }

    [Fact]
    public async Task Each_retry_is_read_by_the_lane_of_its_event()
    {
        await AcceptAsync(Plain, 50);
        await Store.Answer(503, "plain");
        await Store.Start(Asked.AllDeadLetters);
        await Store.RunAll();

        await AssertSharedOutAsync(Plain, Priority.Background, 50);
    }

    [Fact]
    public async Task Each_held_delivery_and_each_key_that_waits_is_read_by_its_lane_alone()
    {
        await AcceptAsync(Ordered, 40);
        foreach (var delivery in await ReadAsync(LaneId.Whole(Ordered.Id), Priority.Ordered))
        {
            await Store.Events.RecordAsync(Shipment.Of(delivery), Made.Failed(), [DeliveryOutcome.Held(1, Store.Clock.GetUtcNow())], Waiting.Cancellation);
        }

        await Waiting.Until(() => Store.Events.Held(Ordered.Id) == 40);
        var (held, keys) = (new List<Delivery>(), new List<long>());
        foreach (var lane in LanesOf(Ordered))
        {
            var page = await Store.Events.ReadHeldAsync(lane, Store.Clock.GetUtcNow(), static _ => false);
            Assert.All(page.Due, delivery => Assert.True(lane.Has(delivery) && delivery.Shard == lane.Shard));
            Assert.Null(page.NextAt);
            held.AddRange(page.Due);
            keys.AddRange((await Store.Events.ReadHeldKeysAsync(lane, 100)).Keys);
        }

        Assert.Equal((40, 40), (held.Select(static delivery => delivery.Sequence).Distinct().Count(), held.Count));
        Assert.Equal(held.Select(static delivery => delivery.Key!.Value).Order(), keys.Order());
    }

    [Fact]
    public async Task A_batch_goes_on_in_one_lane_or_is_kept_no_more()
    {
        await AcceptAsync(Plain, 20);
        var deliveries = await ReadAsync(LaneId.Whole(Plain.Id), Priority.Low);
        var (mine, torn) = (deliveries[0].Event.Id, deliveries[1].Event.Id);
        var first = LanesOf(Plain).Single(lane => lane.Has(deliveries[0]));
        Delivery[] ofOne = [.. deliveries.Where(first.Has)];
        await Store.Events.KeepBatchAsync(new Shipment { BatchId = mine, Deliveries = ofOne });
        await Store.Events.KeepBatchAsync(new Shipment { BatchId = torn, Deliveries = [.. deliveries.Except(ofOne)] });

        var read = new List<Shipment>();
        foreach (var lane in LanesOf(Plain))
        {
            read.AddRange(await Store.Events.ReadBatchesAsync(lane));
        }

        Assert.Equal([mine], read.Select(static batch => batch.BatchId!.Value));
        Assert.Equal(ofOne.Select(static delivery => delivery.Sequence), read[0].Deliveries.Select(static delivery => delivery.Sequence));
        Assert.All(read[0].Deliveries, delivery => Assert.Equal(first.Shard, delivery.Shard));
        Assert.Equal(1, await Store.Count("SELECT COUNT(*) FROM batches"));
    }

    [Fact]
    public async Task The_layouts_that_its_shards_have_reached_go_with_an_endpoint()
    {
        using var endpoints = new SqlEndpoints(Store.Events);
        await endpoints.LoadAsync();
        var registered = Made.Registered(Ordered);
        Assert.True(await endpoints.SaveAsync(registered, before: null, Actor.Service));
        await Store.Database!.ExecuteAsync("INSERT INTO drained (endpoint, shard, layout) SELECT endpoint, 0, 7 FROM registrations");

        Assert.Equal(EndpointRemoval.Removed, await endpoints.RemoveAsync(Ordered.Id, 1, deadLetterWaiting: true, Actor.Service));
        await endpoints.ClearAllDeletedAsync(10);

        Assert.True(await endpoints.SaveAsync(registered, before: null, Actor.Service));
        Assert.Equal(0, await Store.Count("SELECT COUNT(*) FROM drained"));
    }

    private protected override async Task<PostgresDatabase?> CreateDatabaseAsync() => await EmptyStore.CopyAsync();

    private static IEnumerable<LaneId> LanesOf(WebhookEndpoint endpoint) => Enumerable.Range(0, endpoint.Layout.Shards).Select(shard => new LaneId(endpoint.Id, endpoint.Layout, shard));

    private Task AcceptAsync(WebhookEndpoint endpoint, int count) =>
        Store.Accept(Enumerable.Range(0, count).Select(static number => Made.Event() with { Source = $"key {number}" }), [endpoint]);

    private async Task AssertSharedOutAsync(WebhookEndpoint endpoint, Priority priority, int count)
    {
        var read = new List<Delivery>();
        foreach (var lane in LanesOf(endpoint))
        {
            var own = await ReadAsync(lane, priority);
            Assert.NotEmpty(own);
            Assert.All(own, delivery => Assert.True(lane.Has(delivery) && delivery.Shard == lane.Shard));
            read.AddRange(own);
        }

        Assert.Equal((count, count), (read.Select(static delivery => delivery.Sequence).Distinct().Count(), read.Count));
    }

    private async Task<IReadOnlyList<Delivery>> ReadAsync(LaneId lane, Priority priority) =>
        (await Store.Events.ReadPendingAsync(lane, priority, 0, new PageLimit(1_000, long.MaxValue), Waiting.Cancellation)).Deliveries;
}
