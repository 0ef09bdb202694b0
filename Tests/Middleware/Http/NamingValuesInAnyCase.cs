namespace Tests.Middleware.Http;

public sealed class NamingValuesInAnyCase : OnAService
{
    [Fact]
    public async Task The_case_of_a_value_does_not_matter_anywhere()
    {
        var created = await Service.Ask(
            HttpMethod.Post,
            ServiceRequests.Endpoints,
            HttpStatusCode.Created,
            """{"name":"pager","url":"https://pager.example/hook","format":"CloudEvents","when_full":"Reject","filter":{"min_priority":"HIGH"}}""");
        Assert.Equal(("cloudevents", "reject", "high"), ((string?)created["format"], (string?)created["when_full"], (string?)created["filter"]!["min_priority"]));

        await Service.Ask(HttpMethod.Get, "/api/v1/events?priority=Critical&status=DEAD_LETTER", HttpStatusCode.OK);
        await Service.Ask(HttpMethod.Get, "/api/v1/dead-letters?priority=LOW&state=Handed_Over", HttpStatusCode.OK);
        var count = await Service.Ask(HttpMethod.Post, "/api/v1/replays", HttpStatusCode.OK, """{"of":"Dead_Letters","filter":{"priority":"Low"},"dry_run":true}""");
        Assert.Equal(0, (int)count["total"]!);
        await Service.Send(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{created["id"]}?waiting=Dead-Letter", [], null, "If-Match: *").HasStatus(HttpStatusCode.NoContent);
    }
}
