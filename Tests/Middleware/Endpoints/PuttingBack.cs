using Middleware.Events;
using Tests.Middleware.Http.Contract;

namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class PuttingBack() : OnAService(MiddlewareService.WithoutEndpoint())
{
    private const string Definition = """{"name":"pager","url":"https://pager.example/hook","headers":{"X-Team":"core","X-Key":"hush"},"enabled":false}""";

    [Fact]
    public async Task What_GET_shows_can_be_put_back()
    {
        var path = await Create();
        var seen = (await Service.Get(path)).AsObject();
        await Service.Accept(2);

        // Its health is another by now.
        await Put(path, HttpStatusCode.OK, seen.ToJsonString());

        var now = (await Service.Get(path)).AsObject();
        foreach (var varying in (string[])["health", "changed_at"])
        {
            seen.Remove(varying);
            now.Remove(varying);
        }

        Assert.Equal(seen.ToJsonString(), now.ToJsonString());
    }

    [Fact]
    public async Task What_registering_showed_can_be_put_back_once()
    {
        var created = await Service.Create(Definition);

        await Put($"{ServiceRequests.Endpoints}/{created["id"]}", HttpStatusCode.OK, created.ToJsonString());
    }

    [Fact]
    public async Task Times_may_be_written_in_another_way()
    {
        var path = await Create();
        var seen = (await Service.Get(path)).AsObject();
        seen["created_at"] = "2026-03-01T13:00:00.0000000+01:00";

        await Put(path, HttpStatusCode.OK, seen.ToJsonString());
    }

    [Fact]
    public async Task Why_it_is_disabled_stays_until_it_is_enabled()
    {
        var path = await Create();
        await Service.Ask(HttpMethod.Post, $"{path}/enable", HttpStatusCode.OK);
        Service.Receiver.Status = 410;
        await Service.Accept();
        JsonNode seen = new JsonObject();
        await Service.Passing(async () => (string?)(seen = await Service.Get(path))["disabled_reason"] == "gone");

        Assert.Equal("gone", (string?)(await Put(path, HttpStatusCode.OK, seen.ToJsonString()))["disabled_reason"]);
        seen = await Service.Get(path);
        seen["enabled"] = true;
        Assert.Null((await Put(path, HttpStatusCode.OK, seen.ToJsonString()))["disabled_reason"]);
    }

    [Theory]
    [InlineData("id", "\"ep_other\"")]
    [InlineData("origin", "\"built_in\"")]
    [InlineData("disabled_reason", "\"gone\"")]
    [InlineData("header_names", "[\"X-Team\"]")]
    [InlineData("is_signed", "false")]
    [InlineData("secret", "\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"")]
    [InlineData("created_at", "null")]
    [InlineData("changed_at", "\"2026-03-01T12:00:01Z\"")]
    public async Task A_member_that_is_read_only_is_refused_by_name_when_it_differs(string member, string value)
    {
        var path = await Create();
        var seen = await Service.Get(path);
        seen[member] = JsonNode.Parse(value);

        var refused = await Put(path, HttpStatusCode.BadRequest, seen.ToJsonString());

        var error = Assert.Single(refused["errors"]!.AsObject());
        Assert.Equal(member, error.Key);
        Assert.StartsWith("is read-only", (string?)error.Value![0], StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", refused.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_never_shown_stays_when_it_is_left_out_and_goes_when_it_is_given_empty()
    {
        var path = await Create();
        var id = new EndpointId(path.Split('/')[^1]);

        await Put(path, HttpStatusCode.OK, """{"name":"pager","url":"https://pager.example/hook"}""");
        Assert.Equal([new("X-Team", "core"), new("X-Key", "hush")], Service.Endpoints.Find(id)!.Headers.All);
        await Put(path, HttpStatusCode.OK, """{"name":"pager","url":"https://pager.example/hook","headers":null}""");
        Assert.Equal(2, Service.Endpoints.Find(id)!.Headers.All.Length);
        await Put(path, HttpStatusCode.OK, """{"name":"pager","url":"https://pager.example/hook","headers":{"X-New":"n"}}""");
        Assert.Equal([new("X-New", "n")], Service.Endpoints.Find(id)!.Headers.All);
        await Put(path, HttpStatusCode.OK, """{"name":"pager","url":"https://pager.example/hook","headers":{}}""");
        Assert.Empty(Service.Endpoints.Find(id)!.Headers.All);
    }

    [Fact]
    public async Task Each_member_that_is_taken_and_never_shown_is_one_that_stays()
    {
        await using var service = new MiddlewareService();
        var schemas = (await ServedDocument.OfAsync(service)).Root["components"]!["schemas"]!;

        Assert.Equal(["headers"], Members("EndpointRequest").Except(Members("EndpointItem")));

        IEnumerable<string> Members(string schema) => schemas[schema]!["properties"]!.AsObject().Select(static member => member.Key);
    }

    [Fact]
    public async Task Who_saw_another_version_hears_of_that_and_not_of_what_differs()
    {
        var path = await Create();
        var seen = await Service.Get(path);
        await Service.Ask(HttpMethod.Post, $"{path}/enable", HttpStatusCode.OK);

        await Service.Ask(HttpMethod.Put, path, HttpStatusCode.PreconditionFailed, seen.ToJsonString(), "If-Match: \"1\"");
    }

    private async Task<string> Create() => $"{ServiceRequests.Endpoints}/{(await Service.Create(Definition))["id"]}";

    private Task<JsonNode> Put(string path, HttpStatusCode expected, string body) => Service.Ask(HttpMethod.Put, path, expected, body, "If-Match: *");
}
