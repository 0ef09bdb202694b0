namespace Tests.Middleware.Matching;

/// <summary>Why an endpoint gets an event, or does not.</summary>
[Trait("Store", "Any")]
public sealed class ExplainingMatches : OnAService
{
    [Fact]
    public async Task Each_endpoint_is_judged_by_its_filter_as_it_is_now()
    {
        var pager = await Register(Service, """{"event_types":["paid"],"min_priority":"high","expression":"source = 'billing'"}""");
        var faulty = await Register(Service, """{"expression":"INT(source) = 1"}""");
        var id = await Service.Accept("billing", "paid", "low");

        var judged = (await Service.Get($"/api/v1/events/{id}/matches"))["items"]!.AsArray();

        Assert.Equal(["default", pager, faulty], judged.Select(static item => (string)item!["endpoint_id"]!));
        Assert.Equal("""{"endpoint_id":"default","matches":true,"parts":{"event_types":true,"sources":true,"min_priority":true,"expression":true},"error":null}""", judged[0]!.ToJsonString());
        Assert.Equal(
            $$"""{"endpoint_id":"{{pager}}","matches":false,"parts":{"event_types":true,"sources":true,"min_priority":false,"expression":true},"error":null}""", judged[1]!.ToJsonString());
        Assert.Equal(("cast", 0, false), ((string)judged[2]!["error"]!["kind"]!, (int)judged[2]!["error"]!["position"]!, (bool)judged[2]!["matches"]!));

        await Service.Patch($"{ServiceRequests.Endpoints}/{pager}", HttpStatusCode.OK, """{"filter":{"min_priority":null}}""");

        Assert.True((bool)(await Service.Get($"/api/v1/events/{id}/matches"))["items"]![1]!["matches"]!);
    }

    [Fact]
    public async Task Pages_have_each_endpoint_once()
    {
        List<string> all = ["default"];
        for (var index = 0; index < 4; index++)
        {
            all.Add(await Register(Service, "{}"));
        }

        var id = await Service.Accept();
        var pages = Service.Pages($"/api/v1/events/{id}/matches?limit=2");
        Assert.Equal(all, await pages.SelectMany(static page => page).Select(static item => (string)item!["endpoint_id"]!).ToListAsync(Waiting.Cancellation));
    }

    [Fact]
    public async Task An_event_that_is_not_there_or_has_no_payload_any_more_is_refused()
    {
        var id = await Service.Accept();
        await Service.Recorded();
        await Service.Http.SendJson(HttpMethod.Delete, $"/api/v1/events/{id}", null, "X-Operator: jane").HasStatus(HttpStatusCode.NoContent);

        Assert.Equal(HttpStatusCode.Gone, await Service.Status(HttpMethod.Get, $"/api/v1/events/{id}/matches"));
        Assert.Equal(HttpStatusCode.NotFound, await Service.Status(HttpMethod.Get, $"/api/v1/events/{new string('0', 32)}/matches"));
        Assert.Equal(HttpStatusCode.BadRequest, await Service.Status(HttpMethod.Get, "/api/v1/events/1/matches"));
        Assert.Equal(HttpStatusCode.BadRequest, await Service.Status(HttpMethod.Get, $"/api/v1/events/{id}/matches?cursor=x"));
    }

    private static async Task<string> Register(MiddlewareService service, string filter)
    {
        // The list has them by the time of their ids.
        service.Clock.Advance(TimeSpan.FromSeconds(1));
        JsonNode made = await service.Create($$"""{"name":"made","url":"https://hooks.example/x","filter":{{filter}}}""");
        return (string)made["id"]!;
    }
}
