using Middleware.Events;

namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class RegisteringEndpoints() : OnAService(MiddlewareService.WithoutEndpoint(("WORKER_COUNT", "3"), ("REDELIVERY_SCHEDULE", "1m,5m")))
{
    [Fact]
    public async Task An_endpoint_that_is_registered_is_sent_what_is_accepted_from_then_on()
    {
        await Service.Accept("before");
        var created = await Service.Create("""{"name":"pager","url":"https://pager.example/hook"}""");
        var accepted = await Service.Accept("after");

        await Waiting.Until(() => Service.Receiver.Sent.Count == 1);
        var sent = Service.Receiver.Sent.Single();
        Assert.Equal((accepted, (string?)created["id"]), (sent.Event.IdText, sent.EndpointId.Value));
    }

    [Fact]
    public async Task Each_endpoint_is_sent_what_its_filter_takes_and_what_none_takes_is_unrouted()
    {
        var high = await Service.Create("""{"name":"high","url":"https://a.example/","filter":{"min_priority":"high"}}""");
        var paris = await Service.Create("""{"name":"paris","url":"https://b.example/","filter":{"expression":"city = 'paris' OR source = 'billing'"}}""");

        Assert.Equal([high], await EndpointsOf("critical", "{}"));
        Assert.Equal([paris], await EndpointsOf("low", """{"city":"paris"}"""));
        Assert.Equal([high, paris], await EndpointsOf("error", """{"city":"paris"}"""));
        Assert.Equal([], await EndpointsOf("low", """{"city":"oslo"}"""));

        async Task<IEnumerable<JsonNode>> EndpointsOf(string severity, string metadata)
        {
            var seen = await Service.Get($"/api/v1/events/{await Service.Accept("s", "t", severity, metadata: metadata)}");
            Assert.Equal((int)seen["endpoints"]! == 0, (string?)seen["status"] == "unrouted");
            var ids = seen["deliveries"]!.AsArray().Select(static delivery => (string?)delivery!["endpoint_id"]).ToHashSet();
            return new[] { high, paris }.Where(endpoint => ids.Contains((string?)endpoint["id"]));
        }
    }

    [Fact]
    public async Task What_is_not_given_is_as_the_settings_have_it()
    {
        var created = await Service.Create("""{"name":"pager","url":"https://pager.example/hook"}""");

        Assert.StartsWith("ep_", (string?)created["id"], StringComparison.Ordinal);
        Assert.StartsWith("whsec_", (string?)created["secret"], StringComparison.Ordinal);
        foreach (var varying in (string[])["id", "secret", "created_at", "changed_at"])
        {
            created.AsObject().Remove(varying);
        }

        Assert.Equal(
            """{"name":"pager","origin":"api","url":"https://pager.example/hook","proxy":null,"enabled":true,"disabled_reason":null,"filter":{"event_types":[],"sources":[],"min_priority":null,"expression":null},"rate_limit":null,"workers":3,"shards":1,"queue_size":1000,"when_full":"park","timeout":"3s","max_retries":0,"base_delay":"500ms","redelivery_schedule":["1m","5m"],"max_age":null,"batch":null,"ordering":"none","ordering_key":null,"on_exhausted":null,"format":"native","fallback_endpoint_id":null,"header_names":[],"auth":null,"is_signed":true,"health":{"state":"healthy","circuit":"closed","success_rate":null,"consecutive_failures":0,"p95_ms":null,"waiting":0,"held":0,"oldest_waiting_s":0}}""",
            created.ToJsonString());
    }

    [Fact]
    public async Task All_of_a_definition_is_kept_over_a_restart_but_shown_without_its_secrets()
    {
        const string Definition =
            """
            {"name":"pager","url":"https://pager.example/hook?a=b","enabled":false,"workers":7,"shards":5,"queue_size":20,"when_full":"reject",
             "timeout":"1s500ms","max_retries":0,"base_delay":"0s","redelivery_schedule":["1s","2m"],"headers":{"X-Team":"core","X-Key":"hush"},
             "filter":{"event_types":["server_*"],"sources":["a"],"min_priority":"high","expression":"EXISTS region"},
             "rate_limit":{"per_second":5.5,"burst":20},"batch":{"max_size":50,"max_wait":"250ms"},"ordering":"key","ordering_key":"tenant","on_exhausted":"block","format":"cloudevents"}
            """;
        var created = await Service.Create(Definition);
        var shown = await Service.Ask(HttpMethod.Get, $"{ServiceRequests.Endpoints}/{created["id"]}", HttpStatusCode.OK);
        Assert.Null(shown["secret"]);
        Assert.DoesNotContain("hush", shown.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(("reject", "1s500ms", 7, false), ((string?)shown["when_full"], (string?)shown["timeout"], (int)shown["workers"]!, (bool)shown["enabled"]!));
        Assert.Equal("""{"max_size":50,"max_wait":"250ms"} cloudevents""", $"{shown["batch"]!.ToJsonString()} {shown["format"]}");
        Assert.Equal("key tenant block 5", $"{shown["ordering"]} {shown["ordering_key"]} {shown["on_exhausted"]} {shown["shards"]}");
        Assert.Equal(["X-Team", "X-Key"], shown["header_names"]!.AsArray().Select(static name => (string?)name));

        await Service.Restart();

        Assert.Equal(shown.ToJsonString(), (await Service.Ask(HttpMethod.Get, $"{ServiceRequests.Endpoints}/{created["id"]}", HttpStatusCode.OK)).ToJsonString());
        var endpoint = Service.Endpoints.Find(new EndpointId((string)created["id"]!))!;
        Assert.Equal((string?)created["secret"], endpoint.Secrets!.Current.Reveal());
        Assert.Equal([new("X-Team", "core"), new("X-Key", "hush")], endpoint.Headers.All);
    }

    [Fact]
    public async Task All_that_is_wrong_is_named_at_once_and_nothing_is_registered()
    {
        var refused = await Service.Ask(
            HttpMethod.Post,
            ServiceRequests.Endpoints,
            HttpStatusCode.BadRequest,
            """
            {"url":"http://10.0.0.1/","enabled":1,"workers":0,"shards":65,"queue_size":"many","when_full":"drop","timeout":"3 s","max_retries":1.5,
             "redelivery_schedule":["1m","soon"],"headers":{"Host":"x"},"colour":"red","rate_limit":{"per_second":0,"burst":2.5,"day":1},
             "filter":{"min_priority":"huge","expression":"source = "},"batch":{"max_size":1001,"max_wait":"2m","min":1},"ordering":"key","ordering_key":"source = ","on_exhausted":"stop","format":"xml"}
            """);

        var errors = refused["errors"]!.AsObject();
        Assert.Equal(
            ["batch.max_size", "batch.max_wait", "batch.min", "colour", "enabled", "filter.expression", "filter.min_priority", "format", "headers", "max_retries", "name", "on_exhausted", "ordering_key", "queue_size", "rate_limit.burst", "rate_limit.day", "rate_limit.per_second", "redelivery_schedule[1]", "shards", "timeout", "url", "when_full", "workers"],
            errors.Select(static error => error.Key).Order(StringComparer.Ordinal));
        Assert.Equal("must be a whole number from 1 to 1000; it is 0", (string?)errors["workers"]![0]);
        Assert.Equal("must be a number from 0.1 to 100000; it is 0", (string?)errors["rate_limit.per_second"]![0]);
        Assert.Equal("\"stop\" is not a known value; expected one of skip, block", (string?)errors["on_exhausted"]![0]);
        Assert.StartsWith("at character 9: ", (string?)errors["ordering_key"]![0], StringComparison.Ordinal);
        Assert.Equal("must be a duration such as 3s, 500ms or 1m30s, from 10ms to 5m; it is \"3 s\"", (string?)errors["timeout"]![0]);
        Assert.Empty((await Service.Ask(HttpMethod.Get, ServiceRequests.Endpoints, HttpStatusCode.OK))["items"]!.AsArray());
    }

    [Theory]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", "is not valid JSON")]
    [InlineData("{", "is not valid JSON")]
    [InlineData("{\"\\ud800\":1}", "has a member whose name has half of a surrogate pair")]
    public async Task What_is_no_object_is_refused(string body, string fault)
    {
        var refused = await Service.Ask(HttpMethod.Post, ServiceRequests.Endpoints, HttpStatusCode.BadRequest, body);

        Assert.StartsWith(fault, (string?)refused["errors"]!["body"]![0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"ordering_key\":\"source\"", "ordering_key", "is for \"ordering\":\"key\"; leave it out, or give that too")]
    [InlineData("\"ordering\":\"none\",\"on_exhausted\":\"skip\"", "on_exhausted", "is for \"ordering\":\"key\"; leave it out, or give that too")]
    [InlineData("\"ordering\":\"time\"", "ordering", "\"time\" is not a known value; expected one of none, key")]
    [InlineData("\"ordering\":\"key\",\"ordering_key\":\" \"", "ordering_key", "must not be blank")]
    [InlineData("\"rate_limit\":{\"burst\":2}", "rate_limit.per_second", "is required, a number from 0.1 to 100000")]
    [InlineData("\"workers\":3,\"shards\":4", "shards", "4 is more than workers, which is 3: each shard has a part of it, at least 1")]
    [InlineData("\"workers\":9,\"queue_size\":8,\"shards\":9", "shards", "9 is more than queue_size, which is 8: each shard has a part of it, at least 1")]
    [InlineData("\"workers\":9,\"shards\":3,\"rate_limit\":{\"per_second\":2.5,\"burst\":10}", "shards", "3 is more than rate_limit.per_second, which is 2.5: each shard has a part of it, at least 1")]
    [InlineData("\"workers\":9,\"shards\":3,\"rate_limit\":{\"per_second\":10,\"burst\":2}", "shards", "3 is more than rate_limit.burst, which is 2: each shard has a part of it, at least 1")]
    [InlineData("\"shards\":0", "shards", "must be a whole number from 1 to 64; it is 0")]
    public async Task A_member_that_does_not_fit_the_others_is_refused(string members, string member, string fault)
    {
        var refused = await Service.Ask(HttpMethod.Post, ServiceRequests.Endpoints, HttpStatusCode.BadRequest, $$"""{"name":"pager","url":"https://pager.example/",{{members}}}""");

        Assert.Equal((member, fault), (Assert.Single(refused["errors"]!.AsObject()).Key, (string?)refused["errors"]![member]![0]));
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_in_a_value_is_told_of_its_member()
    {
        var refused = await Service.Ask(
            HttpMethod.Post,
            ServiceRequests.Endpoints,
            HttpStatusCode.BadRequest,
            """{"name":"\ud800","url":"https://pager.example/\udc00","timeout":"\ud8003s","headers":{"X-Team":"\ud800"},"filter":{"sources":["\ud800"]}}""");

        Assert.Equal(
            ["filter.sources[0]", "headers", "name", "timeout", "url"],
            refused["errors"]!.AsObject().Select(static error => error.Key).Order(StringComparer.Ordinal));
    }
}
