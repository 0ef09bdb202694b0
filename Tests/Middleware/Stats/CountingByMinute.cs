using Microsoft.Extensions.DependencyInjection;
using Middleware.Events;
using Middleware.Stats;
using Middleware.Storage.Sql;
using Middleware.Telemetry;
using Tests.Middleware.Replicas;

namespace Tests.Middleware.Stats;

[Trait("Store", "Any")]
public sealed class CountingByMinute : OnAService
{
    private const string Path = "/api/v1/stats";

    [Fact]
    public async Task A_minute_has_what_happened_in_it_in_all_and_by_endpoint()
    {
        await Three(Service);

        Assert.Equal(
            """
            {"since":"2026-03-01T11:59:00Z","minutes":[
            {"at":"2026-03-01T11:59:00Z","accepted":0,"delivered":0,"failed_attempts":0,"dead_letters":0,"expired":0},
            {"at":"2026-03-01T12:00:00Z","accepted":3,"delivered":2,"failed_attempts":1,"dead_letters":1,"expired":0}],
            "endpoints":[{"endpoint_id":"default","delivered":2,"failed_attempts":1,"dead_letters":1,"expired":0,"minutes":[
            {"at":"2026-03-01T12:00:00Z","delivered":2,"failed_attempts":1,"dead_letters":1,"expired":0}]}],
            "endpoints_are_all":true,"waiting":0,"oldest_waiting_s":0}
            """.ReplaceLineEndings(""),
            (await Service.Get($"{Path}?minutes=2")).ToJsonString());
    }

    [Fact]
    public async Task The_next_minute_begins_anew_and_a_restart_keeps_all()
    {
        await Three(Service);
        await Service.Clock.Pass(TimeSpan.FromMinutes(1));
        await Waiting.Until(() => Rows(Service) == 1);
        Service.Clock.Advance(TimeSpan.FromSeconds(10));
        await Service.AcceptAnswered(200);

        Assert.Equal([3, 1], Accepted(await Service.Get($"{Path}?minutes=2")));

        await Service.Restart();
        Service.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([3, 1], Accepted(await Service.Get($"{Path}?minutes=2")));
        Assert.Equal(60, (await Service.Get(Path))["minutes"]!.AsArray().Count);

        // A second run in the same minute adds to it.
        await Service.AcceptAnswered(200);
        Assert.Equal([3, 2], Accepted(await Service.Get($"{Path}?minutes=2")));
    }

    [Fact]
    public async Task What_waits_is_counted_with_the_age_of_the_oldest()
    {
        Service.Receiver.Hold();
        await Service.Accept();
        Service.Clock.Advance(TimeSpan.FromSeconds(42));
        await Service.Accept();

        var stats = await Service.Get(Path);

        Assert.Equal((2, 42), ((int)stats["waiting"]!, (int)stats["oldest_waiting_s"]!));
    }

    [Fact]
    public async Task An_endpoint_that_is_gone_stays_in_the_counts_in_all()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        var id = (string)(await service.Create("""{"name":"a","url":"https://example.com/a"}"""))["id"]!;
        await service.Accept();
        await Waiting.Until(() => service.WaitsInAll == 0);
        await service.Services.GetRequiredService<KeepStats>().StopAsync();
        Assert.Equal(HttpStatusCode.NoContent, await service.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{id}", null, "If-Match: *"));

        var stats = await service.Get($"{Path}?minutes=1");

        Assert.Equal(1, (int)stats["minutes"]![0]!["delivered"]!);
        Assert.InRange(stats["endpoints"]!.AsArray().Count, 0, 1);
    }

    [Fact]
    public async Task One_endpoint_is_shown_beside_the_counts_in_all()
    {
        await Three(Service);

        var none = await Service.Get($"{Path}?minutes=1440&endpoint_id=ep_none");
        Assert.Empty(none["endpoints"]!.AsArray());
        Assert.Equal(3, Accepted(none)[^1]);
        Assert.Single((await Service.Get($"{Path}?minutes=1440&endpoint_id=default"))["endpoints"]![0]!["minutes"]!.AsArray());
        Assert.Empty((await Service.Get($"{Path}?minutes=1440"))["endpoints"]![0]!["minutes"]!.AsArray());
    }

    [Theory]
    [InlineData("minutes=0")]
    [InlineData("minutes=1441")]
    [InlineData("minutes=x")]
    [InlineData("endpoint_id=%20")]
    [InlineData("since=2026-01-01")]
    public async Task A_faulty_request_is_refused(string query)
    {
        Assert.Equal(HttpStatusCode.BadRequest, await Service.Status(HttpMethod.Get, $"{Path}?{query}"));
    }

    [Fact]
    public async Task A_row_is_kept_for_a_day()
    {
        using var store = await new DurableStore().Open("default");
        await store.Accept(1);
        var stats = new SqlStats(store.Events, store.History);
        var counts = new Counts(7, 6, 5, 4, 3);
        for (var minute = 0; minute < 2; minute++)
        {
            await stats.AddAsync(new MinuteCounts(TestClock.Noon.AddMinutes(minute), counts, [(EndpointId.Default, counts with { Accepted = 0 }), (new EndpointId("unseen"), counts)], 2));
        }

        await store.PurgeAfter(TimeSpan.FromDays(1));
        Assert.Equal(2, (await stats.ReadAsync(TestClock.Noon, Waiting.Cancellation)).Count);

        await store.PurgeAfter(TimeSpan.FromSeconds(1));
        var left = Assert.Single(await stats.ReadAsync(TestClock.Noon, Waiting.Cancellation));
        Assert.Equal((TestClock.Noon.AddMinutes(1), counts, 2), (left.Minute, left.All, left.LeftOut));
        Assert.Equal([(EndpointId.Default, counts with { Accepted = 0 })], left.Endpoints);
    }

    private static async Task Three(MiddlewareService service)
    {
        await service.AcceptAnswered(200);
        await service.AcceptAnswered(200);
        await service.AcceptAnswered(500);
    }

    private static List<int> Accepted(JsonNode stats) => [.. stats["minutes"]!.AsArray().Select(static minute => (int)minute!["accepted"]!)];

    private static long Rows(MiddlewareService service) => StoreSql.Number(service.DatabasePath, "SELECT COUNT(*) FROM stats");
}

/// <summary>Replicas, each of which counts what it does.</summary>
[Trait("Speed", "Slow")]
public sealed class CountingReplicas
{
    [Fact]
    public async Task Two_replicas_are_summed()
    {
        await using var group = await ReplicaGroup.CreateAsync();
        var (one, other) = (await group.StartAsync(), await group.StartAsync());
        await one.Accept(3);
        await other.Accept(4);
        await other.Services.GetRequiredService<KeepStats>().StopAsync();

        Assert.Equal(7, (await one.Get("/api/v1/stats?minutes=5"))["minutes"]!.AsArray().Sum(static minute => (int)minute!["accepted"]!));
    }
}
