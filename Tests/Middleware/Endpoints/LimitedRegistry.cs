namespace Tests.Middleware.Endpoints;

public sealed class LimitedRegistry
{
    private const string Definition = """{"name":"one","url":"https://one.example/"}""";

    [Fact]
    public async Task No_more_are_registered_than_there_may_be_and_there_is_room_again_when_one_is_deleted()
    {
        await using var stage = MiddlewareService.WithoutEndpoint(("MAX_ENDPOINTS", "2"));
        var first = (string)(await stage.Create(Definition))["id"]!;
        await stage.Create(Definition);

        var refused = await stage.Ask(HttpMethod.Post, ServiceRequests.Endpoints, HttpStatusCode.Conflict, Definition);
        Assert.Equal("There are 2 endpoints, as many as MAX_ENDPOINTS allows: delete one, or start the service with a larger number.", (string?)refused["detail"]);

        Assert.Equal(HttpStatusCode.NoContent, await stage.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{first}", null, "If-Match: *"));
        await stage.Create(Definition);
    }

    [Fact]
    public async Task The_list_is_read_in_pages_that_hold_each_endpoint_once_though_others_come_and_go()
    {
        await using var stage = MiddlewareService.WithoutEndpoint(("Endpoints:pager:url", "https://pager.example/"), ("Endpoints:mail:url", "https://mail.example/"));
        for (var number = 0; number < 60; number++)
        {
            await stage.Create(Definition);
        }

        var seen = new List<string>();
        await foreach (var page in stage.Pages($"{ServiceRequests.Endpoints}?limit=7"))
        {
            seen.AddRange(page.Select(static item => (string)item!["id"]!));
            if (seen.Count == 14)
            {
                await stage.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{seen[5]}", null, "If-Match: *");
            }
        }

        Assert.Equal(62, seen.Count);
        Assert.Equal(["mail", "pager"], seen.Take(2));
        Assert.Equal(seen.Skip(2).Order(StringComparer.Ordinal), seen.Skip(2));
        Assert.Equal(62, seen.Distinct().Count());
        Assert.Equal(50, (await stage.Ask(HttpMethod.Get, ServiceRequests.Endpoints, HttpStatusCode.OK))["items"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("?cursor=x")]
    [InlineData("?cursor=cF9lcA")]
    [InlineData("?limit=0")]
    [InlineData("?page=2")]
    public async Task A_page_that_there_is_none_of_is_refused(string query)
    {
        await using var stage = MiddlewareService.WithoutEndpoint();

        Assert.Equal(HttpStatusCode.BadRequest, await stage.Status(HttpMethod.Get, ServiceRequests.Endpoints + query));
    }
}
