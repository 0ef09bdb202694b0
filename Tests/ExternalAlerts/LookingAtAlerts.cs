namespace Tests.ExternalAlerts;

public sealed class LookingAtAlerts : OnAlerts
{
    [Theory]
    [InlineData("/external/alerts")]
    [InlineData("/external/alerts/tries")]
    public async Task The_newest_come_first_and_no_more_than_asked_for(string path)
    {
        foreach (var id in new[] { "1", "2", "3" })
        {
            using var answer = await Service.Post($$"""{"event_id":"{{id}}"}""");
        }

        var items = (await Service.Get($"{path}?limit=2"))["items"]!.AsArray();

        Assert.Equal(["3", "2"], items.Select(item => (string?)item!["event_id"]));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("many")]
    [InlineData("")]
    public async Task A_limit_out_of_bounds_is_refused(string limit)
    {
        foreach (var path in new[] { "/external/alerts", "/external/alerts/tries" })
        {
            await Service.Http.GetAsync($"{path}?limit={limit}", Waiting.Cancellation)
                .IsFault(HttpStatusCode.BadRequest, $"\"{limit}\" is not accepted; expected a whole number from 1 to 10000.", field: "limit");
        }
    }

    [Fact]
    public async Task A_hundred_are_shown_unless_asked_otherwise_and_the_last_ten_thousand_are_kept()
    {
        for (var batch = 0; batch <= 10; batch++)
        {
            var ids = Enumerable.Range(batch * 1000, 1000).Select(id => $$"""{"event_id":"{{id}}"}""");
            using var answer = await Service.Post($"[{string.Join(',', ids)}]");
        }

        Assert.Equal(100, (await Service.Get("/external/alerts"))["items"]!.AsArray().Count);
        var all = (await Service.Get("/external/alerts?limit=10000"))["items"]!.AsArray();
        Assert.Equal(Enumerable.Range(1000, 10_000).Reverse().Select(id => $"{id}"), all.Select(item => (string?)item!["event_id"]));
        Assert.Equal(11_000, (int)(await Service.Get("/external/alerts/stats"))["received"]!);
    }

    [Fact]
    public async Task Alerts_are_counted_as_unique_and_duplicates_by_event_id()
    {
        using var one = await Service.Post("""{"event_id":"0190c6a1e2b07c4d8f00112233445566"}""");
        using var again = await Service.Post("""{"event_id":"0190c6a1e2b07c4d8f00112233445566","attempt":"again"}""");
        using var batch = await Service.Post("""[{"event_id":"other"},{"event_id":"other"},{"event_id":"Other"},{}]""");

        await Service.Shows("/external/alerts/stats", """{"received":6,"unique":3,"duplicates":2,"without_id":1,"tries":3,"faulted":0}""");
    }

    [Fact]
    public async Task Clearing_forgets_alerts_tries_and_counts()
    {
        using var before = await Service.Post("""{"event_id":"1"}""");

        await Service.Http.DeleteAsync("/external/alerts", Waiting.Cancellation).HasStatus(HttpStatusCode.NoContent);

        Assert.Equal("""{"items":[]}""", (await Service.Get("/external/alerts")).ToJsonString());
        Assert.Equal("""{"items":[]}""", (await Service.Get("/external/alerts/tries")).ToJsonString());
        using var after = await Service.Post("""{"event_id":"1"}""");
        await Service.Shows("/external/alerts/stats", """{"received":1,"unique":1,"duplicates":0,"without_id":0,"tries":1,"faulted":0}""");
    }
}
