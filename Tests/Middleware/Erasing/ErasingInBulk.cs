using Middleware.Events;
using Middleware.Replays;
using Tests.Middleware.Replays;

namespace Tests.Middleware.Erasing;

/// <summary>Erasing the events of a filter, a part at a time.</summary>
[Trait("Store", "Any")]
public sealed class ErasingInBulk : OnAService
{
    private const string Path = "/api/v1/erasures";
    private const string OfCrm = """{"filter":{"source":"crm"}}""";

    private static readonly ReplayOrder OfAll = Asked.AllEvents with { Erases = true };

    [Fact]
    public async Task What_matches_is_erased_and_nothing_else()
    {
        var other = await Service.AcceptAnswered(200);
        Service.Receiver.Status = 400;
        await Service.Accept(120, "crm");
        await Service.Recorded();
        Assert.Equal(120, (int)(await Service.Post(Path, HttpStatusCode.OK, """{"filter":{"source":"crm"},"dry_run":true}"""))["total"]!);
        var created = await Service.Post(Path, HttpStatusCode.Accepted, OfCrm);
        Assert.Equal(("running", 120, false), ((string?)created["state"], (int)created["total"]!, (bool)created["dry_run"]!));

        var done = await Completed(Service, created);
        Assert.Equal((120, 0, 0), ((int)done["erased"]!, (int)done["skipped"]!, (int)done["remaining"]!));
        Assert.Equal(120, StoreSql.Number(Service.DatabasePath, "SELECT COUNT(*) FROM events WHERE source = 'crm' AND length(payload) = 0 AND erased_at > 0"));
        Assert.Equal(120, StoreSql.Number(Service.DatabasePath, "SELECT COUNT(*) FROM dead_letters WHERE state = 4"));
        Assert.Equal("m", (string?)(await Service.Get($"/api/v1/events/{other}"))["payload"]!["message"]);
        Assert.Equal(121, Service.Receiver.Sent.Count);

        var again = await Completed(Service, await Service.Post(Path, HttpStatusCode.Accepted, OfCrm));
        Assert.Equal((0, 0), ((int)again["total"]!, (int)again["erased"]!));
        Assert.Equal(2, (await Service.Get(Path))["items"]!.AsArray().Count);
        Assert.Empty((await Service.Get("/api/v1/replays"))["items"]!.AsArray());
        await Service.Ask(HttpMethod.Get, $"/api/v1/replays/{created["id"]}", HttpStatusCode.NotFound);
        await Service.Ask(HttpMethod.Delete, $"/api/v1/replays/{created["id"]}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_is_pending_ends_and_it_goes_on_after_a_restart()
    {
        await Service.Create("""{"name":"off","url":"https://off.test/","enabled":false}""");
        await Service.Accept(3, "crm");
        await Waiting.Until(() => Service.Waits == 0);
        Assert.Equal(3, Service.WaitsInAll);
        var created = await Service.Post(Path, HttpStatusCode.Accepted, OfCrm);

        await Service.Restart();

        Assert.Equal(3, (int)(await Completed(Service, created))["erased"]!);
        Assert.Equal(0, Service.WaitsInAll);
    }

    [Fact]
    public async Task A_page_is_erased_at_a_time_and_each_event_once()
    {
        using var store = await new DurableStore().Open("default");
        await store.Accept(130);

        var erasure = await store.Start(OfAll);
        Assert.Equal(130, erasure.Total.Deliveries);
        Assert.True(await store.Run.ExecuteAsync());
        Assert.Equal(50, store.Replays.Find(erasure.Id)!.Queued);
        await store.Reopen();
        await store.RunAll();

        var ended = store.Replays.Find(erasure.Id)!;
        Assert.Equal((ReplayState.Completed, 130, 0), (ended.State, ended.Queued, ended.Skipped));
        Assert.Empty(await store.Pending(priority: global::Middleware.Events.Priority.Low));
    }

    [Fact]
    public async Task A_cancelled_one_erases_no_more()
    {
        using var store = await new DurableStore().Open("default");
        await store.Accept(130);
        var erasure = await store.Start(OfAll);
        await store.Run.ExecuteAsync();

        var cancelled = (await store.Replays.CancelAsync(erasure.Id, Actor.Service))!;
        await store.RunAll();

        Assert.Equal((ReplayState.Cancelled, 50), (cancelled.State, store.Replays.Find(erasure.Id)!.Queued));
        Assert.Equal(80, await store.Count("SELECT COUNT(*) FROM events WHERE erased_at IS NULL"));
        Assert.Equal(1, await store.Count("SELECT COUNT(*) FROM audit WHERE action = 'erasure.cancelled'"));
    }

    [Fact]
    public async Task It_is_cancelled_by_its_id_and_a_replay_is_not()
    {
        await Service.Accept("crm");
        await Service.Recorded();
        var erasure = await Service.Post(Path, HttpStatusCode.Accepted, OfCrm);
        var replay = await Service.Post("/api/v1/replays", HttpStatusCode.Accepted, """{"of":"events","filter":{}}""");

        var ended = await Service.Ask(HttpMethod.Delete, $"{Path}/{erasure["id"]}", HttpStatusCode.OK);
        Assert.Equal("cancelled", (string?)ended["state"]);
        await Service.Ask(HttpMethod.Delete, $"{Path}/{replay["id"]}", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("{}", "filter")]
    [InlineData("""{"filter":{"endpoint_id":"default"}}""", "filter.endpoint_id")]
    [InlineData("""{"filter":{"since":"x"}}""", "filter.since")]
    [InlineData("""{"filter":{},"rate_per_second":5}""", "rate_per_second")]
    public async Task What_is_wrong_with_the_order_is_named(string body, string name)
    {
        var refusal = await Service.Post(Path, HttpStatusCode.BadRequest, body);

        Assert.Equal([name], refusal["errors"]!.AsObject().Select(static error => error.Key));
    }

    private static async Task<JsonNode> Completed(MiddlewareService service, JsonNode created)
    {
        JsonNode seen = created;
        await service.Passing(async () =>
        {
            seen = await service.Get($"{Path}/{created["id"]}");
            return (string?)seen["state"] == "completed";
        });
        return seen;
    }
}
