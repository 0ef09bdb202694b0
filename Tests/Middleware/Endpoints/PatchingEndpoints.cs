using Middleware.Events;

namespace Tests.Middleware.Endpoints;

/// <summary>RFC 7396: null removes, objects merge, arrays replace.</summary>
[Trait("Store", "Any")]
public sealed class PatchingEndpoints() : OnAService(MiddlewareService.WithoutEndpoint(("WORKER_COUNT", "3"), ("REDELIVERY_SCHEDULE", "1m,5m")))
{
    private const string Definition =
        """
        {"name":"pager","url":"https://pager.example/hook","workers":7,"shards":3,"redelivery_schedule":["1s","2m"],"headers":{"X-Team":"core","X-Key":"hush"},
         "filter":{"event_types":["a","b"],"min_priority":"high"},"rate_limit":{"per_second":5,"burst":20},"batch":{"max_size":50,"max_wait":"250ms"}}
        """;

    [Theory]
    [InlineData("""{}""", """{}""")]
    [InlineData("""{"workers":9}""", """{"workers":9}""")]
    [InlineData("""{"workers":null,"redelivery_schedule":null}""", """{"workers":3,"redelivery_schedule":["1m","5m"]}""")]
    [InlineData("""{"redelivery_schedule":["3s"]}""", """{"redelivery_schedule":["3s"]}""")]
    [InlineData("""{"filter":{"event_types":["c"],"expression":"EXISTS region"}}""", """{"filter":{"event_types":["c"],"sources":[],"min_priority":"high","expression":"EXISTS region"}}""")]
    [InlineData("""{"filter":{"min_priority":null}}""", """{"filter":{"event_types":["a","b"],"sources":[],"min_priority":null,"expression":null}}""")]
    [InlineData("""{"filter":null}""", """{"filter":{"event_types":[],"sources":[],"min_priority":null,"expression":null}}""")]
    [InlineData("""{"rate_limit":{"burst":4}}""", """{"rate_limit":{"per_second":5,"burst":4}}""")]
    [InlineData("""{"rate_limit":null,"batch":{"max_wait":null}}""", """{"rate_limit":null,"batch":{"max_size":50,"max_wait":"1s"}}""")]
    [InlineData("""{"headers":{"X-Key":null,"X-New":"n"}}""", """{"header_names":["X-Team","X-New"]}""")]
    [InlineData("""{"headers":{"x-key":null,"X-New":"n"}}""", """{"header_names":["X-Team","X-New"]}""")]
    [InlineData("""{"headers":{"x-team":"c"}}""", """{"header_names":["X-Key","x-team"]}""")]
    [InlineData("""{"headers":null}""", """{"header_names":[]}""")]
    [InlineData("""{"shards":2}""", """{"shards":2}""")]
    [InlineData("""{"shards":600}""", null)]
    [InlineData("""{"ordering":"key"}""", """{"ordering":"key","ordering_key":"source","on_exhausted":"skip"}""")]
    [InlineData("""{"ordering":"key","ordering_key":"city","on_exhausted":"block"}""", """{"ordering":"key","ordering_key":"city","on_exhausted":"block"}""")]
    [InlineData("""{"ordering_key":"city"}""", null)]
    [InlineData("""{"id":null,"name":"pager two"}""", null)]
    public async Task What_a_patch_names_is_changed_and_all_else_stays(string patch, string? changes)
    {
        var path = await Create();
        var before = await Service.Ask(HttpMethod.Get, path, HttpStatusCode.OK);
        if (changes is null)
        {
            await Service.Patch(path, HttpStatusCode.BadRequest, patch);
            changes = "{}";
        }
        else
        {
            var answered = await Service.Patch(path, HttpStatusCode.OK, patch);
            Assert.Null(answered["secret"]);
        }

        var expected = before.AsObject();
        foreach (var (name, value) in JsonNode.Parse(changes)!.AsObject())
        {
            expected[name] = value?.DeepClone();
        }

        Assert.Equal(expected.ToJsonString(), (await Service.Ask(HttpMethod.Get, path, HttpStatusCode.OK)).ToJsonString());
    }

    [Fact]
    public async Task An_order_that_is_taken_away_goes_with_its_key()
    {
        var path = await Create();
        await Service.Patch(path, HttpStatusCode.OK, """{"ordering":"key","ordering_key":"city","on_exhausted":"block"}""");

        var changed = await Service.Patch(path, HttpStatusCode.OK, """{"ordering":"none"}""");

        Assert.Equal(("none", null, null), ((string?)changed["ordering"], (string?)changed["ordering_key"], (string?)changed["on_exhausted"]));
    }

    [Fact]
    public async Task What_is_never_shown_stays_or_merges_too_and_is_kept_over_a_restart()
    {
        var path = await Create();
        var id = new EndpointId(path.Split('/')[^1]);
        var secret = Service.Endpoints.Find(id)!.Secrets;

        await Service.Patch(path, HttpStatusCode.OK, """{"name":"other"}""");
        Assert.Equal([new("X-Team", "core"), new("X-Key", "hush")], Service.Endpoints.Find(id)!.Headers.All);
        await Service.Patch(path, HttpStatusCode.OK, """{"headers":{"X-Key":"new"}}""");
        await Service.Restart();

        Assert.Equal([new("X-Team", "core"), new("X-Key", "new")], Service.Endpoints.Find(id)!.Headers.All);
        Assert.Equal(secret, Service.Endpoints.Find(id)!.Secrets);
    }

    [Fact]
    public async Task A_patch_needs_the_version_that_was_seen()
    {
        var path = await Create();

        await Service.Patch(path, HttpStatusCode.PreconditionFailed, """{"workers":9}""", ifMatch: "\"7\"");
        await Service.Patch(path, HttpStatusCode.OK, """{"workers":9}""", ifMatch: "\"1\"");
        await Service.Patch(path, HttpStatusCode.PreconditionFailed, """{"workers":9}""", ifMatch: "\"1\"");
        await Service.Patch($"{ServiceRequests.Endpoints}/ep_none", HttpStatusCode.NotFound, "{}");
    }

    [Fact]
    public async Task All_that_is_wrong_with_what_comes_of_it_is_named_at_once_and_nothing_is_changed()
    {
        var path = await Create();

        var refused = await Service.Patch(
            path,
            HttpStatusCode.BadRequest,
            """{"name":null,"url":"http://10.0.0.1/","workers":0,"rate_limit":{"per_second":null},"batch":7,"colour":"red","origin":"built_in","health":{"waiting":7},"headers":{"X-Key":7}}""");

        Assert.Equal(
            ["batch", "colour", "headers", "health", "name", "origin", "rate_limit.per_second", "url", "workers"],
            refused["errors"]!.AsObject().Select(static error => error.Key).Order(StringComparer.Ordinal));
        Assert.Equal(7, (int)(await Service.Ask(HttpMethod.Get, path, HttpStatusCode.OK))["workers"]!);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"workers":1,"workers":2}""")]
    [InlineData("""{"\ud800":1}""")]
    public async Task What_is_no_object_is_refused(string patch)
    {
        var refused = await Service.Patch(await Create(), HttpStatusCode.BadRequest, patch);

        Assert.NotNull(refused["errors"]!["body"]);
    }

    private async Task<string> Create() => $"{ServiceRequests.Endpoints}/{(await Service.Create(Definition))["id"]}";
}
