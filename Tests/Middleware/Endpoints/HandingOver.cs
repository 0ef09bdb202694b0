namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class HandingOver() : OnAService(MiddlewareService.WithoutEndpoint())
{
    [Fact]
    public async Task When_the_schedule_is_spent_the_fallback_hears_of_the_event_and_the_timeline_shows_the_chain()
    {
        var last = await Create("last");
        var middle = await Create("middle", last);
        var first = await Create("first", middle, "\"1m\"");
        (Service.Receiver.StatusAt[first], Service.Receiver.StatusAt[middle]) = (503, 503);
        var id = await Service.Accept();

        await Service.UntilStatus(id, first, "dead_letter");
        Assert.Single(Service.Receiver.Sent);
        await Service.Passing(async () => await Service.StatusOf(id, first) == "handed_over");
        await Service.UntilStatus(id, last, "delivered");

        var timeline = await Look(id);
        Assert.Equal("delivered", (string?)timeline["status"]);
        Assert.Equal(
            [(first, "handed_over", middle, null), (middle, "handed_over", last, first), (last, "delivered", null, middle)],
            Deliveries(timeline).Select(static delivery =>
                ((string)delivery["endpoint_id"]!, (string)delivery["status"]!, (string?)delivery["handed_to"], (string?)delivery["handed_from"])));
        Assert.Equal(
            new[] { (last, 1), (middle, 1), (first, 1), (first, 2) }.Order(),
            timeline["attempts"]!.AsArray().Select(static attempt => ((string)attempt!["endpoint_id"]!, (int)attempt["number"]!)).Order());
        Assert.Empty((await Service.Ask(HttpMethod.Get, "/api/v1/dead-letters", HttpStatusCode.OK))["items"]!.AsArray());
        var handedOver = (await Service.Ask(HttpMethod.Get, "/api/v1/dead-letters?state=handed_over", HttpStatusCode.OK))["items"]!.AsArray();
        Assert.Equal(new[] { first, middle }.Order(), handedOver.Select(static item => (string)item!["endpoint_id"]!).Order());
    }

    [Fact]
    public async Task A_dead_letter_rests_at_the_end_of_the_chain_and_the_event_is_a_dead_letter()
    {
        var last = await Create("last");
        var first = await Create("first", last);
        (Service.Receiver.StatusAt[first], Service.Receiver.StatusAt[last]) = (503, 500);

        var id = await Service.Accept();

        await Service.UntilStatus(id, last, "dead_letter");
        Assert.Equal("dead_letter", (string?)(await Look(id))["status"]);
        var refused = await Service.Ask(HttpMethod.Post, $"/api/v1/dead-letters/{id}.{first}/replay", HttpStatusCode.Conflict);
        Assert.Contains($"The endpoint {last} has the event", (string)refused["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_schedule_would_mend_is_not_handed_over()
    {
        var last = await Create("last");
        var first = await Create("first", last);
        Service.Receiver.StatusAt[first] = 404;

        var id = await Service.Accept();

        await Service.UntilStatus(id, first, "dead_letter");
        Assert.Single(Deliveries(await Look(id)));
    }

    [Fact]
    public async Task A_fallback_that_has_the_event_already_does_not_get_it_twice()
    {
        var last = await Create("last", filter: """{"sources":["tests"]}""");
        var first = await Create("first", last);
        Service.Receiver.StatusAt[first] = 503;

        var id = await Service.Accept();

        await Service.UntilStatus(id, first, "handed_over");
        await Service.UntilStatus(id, last, "delivered");
        await Service.Restart();
        Assert.Equal("delivered", (string?)(await Look(id))["status"]);
        Assert.Single((await Look(id))["attempts"]!.AsArray(), attempt => (string?)attempt!["endpoint_id"] == last);
    }

    [Fact]
    public async Task A_fallback_that_is_no_endpoint_or_leads_back_is_refused_and_one_in_use_is_not_deleted()
    {
        Assert.Equal("\"ep_none\" is not a registered endpoint", await Refusal(HttpMethod.Post, ServiceRequests.Endpoints, "ep_none"));
        var last = await Create("last");
        var first = await Create("first", last);

        Assert.Equal($"\"{first}\" leads back to the endpoint itself", await Refusal(HttpMethod.Put, $"{ServiceRequests.Endpoints}/{last}", first));
        Assert.Equal("is the endpoint itself", await Refusal(HttpMethod.Put, $"{ServiceRequests.Endpoints}/{last}", last));
        Assert.Equal(HttpStatusCode.Conflict, await Service.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{last}", null, "If-Match: *"));
        Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{first}", null, "If-Match: *"));
        Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{last}", null, "If-Match: *"));
    }

    private static string Definition(string name, string? fallback, string schedule, string filter) =>
        $$"""{"name":"{{name}}","url":"https://{{name}}.example/","redelivery_schedule":[{{schedule}}],"filter":{{filter}},"fallback_endpoint_id":{{(fallback is null ? "null" : $"\"{fallback}\"")}}}""";

    private static IEnumerable<JsonNode> Deliveries(JsonNode timeline) => timeline["deliveries"]!.AsArray().Select(static delivery => delivery!)
        .OrderBy(static delivery => (string?)delivery["status"] == "delivered").ThenBy(static delivery => (string?)delivery["handed_from"] is not null);

    /// <summary>Only the one without a fallback before it hears of events by itself, unless a filter says so.</summary>
    private async Task<string> Create(string name, string? fallback = null, string schedule = "", string? filter = null)
    {
        filter ??= name == "first" ? """{"sources":["tests"]}""" : """{"sources":["nobody"]}""";
        return (string)(await Service.Create(Definition(name, fallback, schedule, filter)))["id"]!;
    }

    private async Task<string> Refusal(HttpMethod method, string path, string fallback)
    {
        var refused = await Service.Ask(method, path, HttpStatusCode.BadRequest, Definition("one", fallback, "", "{}"), "If-Match: *");
        return (string)refused["errors"]!["fallback_endpoint_id"]![0]!;
    }

    private Task<JsonNode> Look(string id) => Service.Ask(HttpMethod.Get, $"/api/v1/events/{id}", HttpStatusCode.OK);
}
