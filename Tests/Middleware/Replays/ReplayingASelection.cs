using Middleware.Replays;
using Middleware.Storage.Sql;

namespace Tests.Middleware.Replays;

/// <summary>Bulk replays and discards of what an operator has marked.</summary>
[Trait("Store", "Any")]
public sealed class ReplayingASelection
{
    private const string Path = "/api/v1/replays";

    [Fact]
    public async Task Dead_letters_are_replayed_by_their_ids_and_no_others()
    {
        using var store = await new DurableStore().Open("default", "other");
        var dead = await store.Fail(450);
        await store.Answer(503, "other");
        var meant = dead.Where(static (_, index) => index % 2 == 0).ToList();

        var replay = await store.StartAndRun(Of(ReplaySubject.DeadLetters, meant.Select(static one => $"{one.Id:n}.default").Reverse()));

        Assert.Equal(225, replay.Total.Deliveries);
        Assert.Equal(meant.Select(static one => one.Id), (await store.Pending()).Select(static delivery => delivery.Event.Id));
        Assert.Empty(await store.Pending("other"));
        Assert.Equal(("Running", 225, 225), store.Progress(replay));
        await store.DeliverAndRun();
        Assert.Equal(("Completed", 225, 0), store.Progress(replay));
    }

    [Fact]
    public async Task Those_that_were_delivered_meanwhile_do_not_fail_the_rest()
    {
        using var store = await new DurableStore().Open("default");
        var dead = await store.Fail(5);
        var order = Of(ReplaySubject.DeadLetters, dead.Select(static one => $"{one.Id:n}.default")) with { DiscardedBy = "jane" };
        var first = await store.StartAndRun(Of(ReplaySubject.DeadLetters, [$"{dead[0].Id:n}.default"]));
        await store.DeliverAndRun();
        Assert.Equal(("Completed", 1, 0), store.Progress(first));

        var discard = await store.StartAndRun(order);

        Assert.Empty(store.Replays.UnknownOf(order, most: 5));
        Assert.Equal(4, discard.Total.Deliveries);
        Assert.Equal(("Completed", 4, 0), store.Progress(discard));
        Assert.Equal(4, await store.Count("SELECT COUNT(*) FROM dead_letters WHERE state = 2 AND discarded_by = 'jane'"));
    }

    [Fact]
    public async Task Events_are_sent_again_by_their_ids_where_they_went()
    {
        using var store = await new DurableStore().Open("default", "other");
        var both = await store.Accept(3);
        var one = await store.Accept(2, "tests", "other");
        await store.Answer(200);
        await store.Answer(200, "other");

        var replay = await store.StartAndRun(Of(ReplaySubject.Events, [$"{one[1].Id:n}", $"{both[2].Id:n}", $"{both[0].Id:n}"]));

        // The loop of the test knows the first endpoint alone.
        Assert.Equal((5, 2), (replay.Total.Deliveries, store.Progress(replay).Queued));
        Assert.Equal([both[0].Id, both[2].Id], (await store.Pending()).Select(static delivery => delivery.Event.Id));
    }

    [Fact]
    public async Task A_program_that_knows_no_ids_finds_nothing_in_their_order()
    {
        using var store = await new DurableStore().Open("default");
        var dead = await store.Fail(2);
        var order = Of(ReplaySubject.DeadLetters, [$"{dead[0].Id:n}.default"]);

        var read = JsonNode.Parse(new ReplayDocument(order, default).Write())!;
        read["order"]!.AsObject().Remove("ids");
        var old = ReplayDocument.Read(read.ToJsonString()).Order;

        Assert.Equal(0, store.Replays.Count(old, store.Has).Deliveries);
        Assert.Equal(0, store.Replays.Count(old with { Of = ReplaySubject.Events }, store.Has).Deliveries);
        Assert.Equal(order.Ids, ReplayDocument.Read(new ReplayDocument(order, default).Write()).Order.Ids);
    }

    [Fact]
    public async Task A_thousand_of_the_longest_ids_are_taken_and_one_more_is_not()
    {
        await using var service = new MiddlewareService();
        var dead = await service.AcceptAnswered(400);
        var ids = Enumerable.Range(0, 999).Select(number => $"{dead}.{number.ToString("d128", null)}").Prepend($"{dead}.default").ToList();

        var count = await service.Ask(HttpMethod.Post, Path, HttpStatusCode.OK, Body(ids));
        Assert.Equal((1_000, 1), ((int)count["selected"]!, (int)count["total"]!));
        await service.Ask(HttpMethod.Post, Path, HttpStatusCode.BadRequest, Body([.. ids, $"{dead}.more"]));

        static string Body(IEnumerable<string> ids) => new JsonObject
        {
            ["of"] = "dead_letters",
            ["ids"] = new JsonArray([.. ids.Select(static id => JsonValue.Create(id))]),
            ["dry_run"] = true,
        }.ToJsonString();
    }

    private static ReplayOrder Of(ReplaySubject subject, IEnumerable<string> ids) => new() { Of = subject, Filter = new ReplaySelection(), Ids = [.. ids] };
}
