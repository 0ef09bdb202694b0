using Middleware.History;
using Tests.Middleware.Callers;

namespace Tests.Middleware.History;

[Trait("Store", "Any")]
public sealed class CountingFoundEvents
{
    [Theory]
    [InlineData("", 3)]
    [InlineData("source=billing", 2)]
    [InlineData("status=dead_letter", 1)]
    [InlineData("q=burning", 1)]
    [InlineData("since=2026-03-02", 0)]
    public async Task Those_that_a_list_finds_are_counted(string query, int expected)
    {
        await using var service = new MiddlewareService();
        await service.AcceptAnswered(200, "billing");
        await service.AcceptAnswered(400, "billing");
        service.Receiver.Status = 200;
        await service.Accept("shop", message: "The house is burning");

        Assert.Equal($$"""{"total":{{expected}},"total_is_lower_bound":false}""", (await service.Get($"/api/v1/events/counts?{query}")).ToJsonString());
    }

    [Fact]
    public async Task A_count_ends_at_1000()
    {
        using var store = await new DurableStore().Open("default");
        await store.Accept(1_000, "a");
        Assert.Equal(new EventCount(1_000, TotalIsLowerBound: false), await Count(store, "a"));
        await store.Accept(1, "a");
        Assert.Equal(new EventCount(1_000, TotalIsLowerBound: true), await Count(store, "a"));
    }

    [Fact]
    public async Task A_count_looks_at_the_newest_50000_events()
    {
        using var store = await new DurableStore().Open("default");
        await store.Accept(2, "rare");
        for (var round = 0; round < 49; round++)
        {
            await store.Accept(1_000, "frequent", "none");
        }

        Assert.Equal(new EventCount(2, TotalIsLowerBound: false), await Count(store, "rare"));
        await store.Accept(1_000, "frequent", "none");
        Assert.Equal(new EventCount(0, TotalIsLowerBound: true), await Count(store, "rare"));
    }

    [Fact]
    public async Task A_search_of_payloads_needs_their_scope_and_a_fault_is_named()
    {
        await using var keyed = new KeyedService();
        var (_, key) = await keyed.Make("events:read");

        Assert.Equal(HttpStatusCode.Forbidden, await keyed.Status(key, HttpMethod.Get, "/api/v1/events/counts?q=m"));
        Assert.Equal(HttpStatusCode.BadRequest, await keyed.Status(key, HttpMethod.Get, "/api/v1/events/counts?limit=3"));
        Assert.Equal(0, (int)(await keyed.Read(key, "/api/v1/events/counts"))["total"]!);
    }

    private static Task<EventCount> Count(DurableStore store, string source) =>
        store.History.CountEventsAsync(new HistoryQuery { Source = source }, Waiting.Cancellation).InTime();
}
