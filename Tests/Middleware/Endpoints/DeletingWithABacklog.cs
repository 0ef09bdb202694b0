namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class DeletingWithABacklog() : OnAService(MiddlewareService.WithoutEndpoint())
{
    private const int Events = 1_000;

    [Fact]
    public async Task It_is_gone_at_once_and_what_waits_becomes_dead_letters_behind_it_also_after_a_restart()
    {
        var path = $"{ServiceRequests.Endpoints}/{(string)(await Service.Create("""{"name":"pager","url":"https://pager.example/hook"}"""))["id"]!}";
        Assert.Equal(HttpStatusCode.OK, await Service.Status(HttpMethod.Post, $"{path}/disable"));
        await Post();

        // The loop that clears has not ticked: nothing that waits holds the deletion, or another change.
        Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, $"{path}?waiting=dead-letter", null, "If-Match: *"));
        Assert.Equal(HttpStatusCode.NotFound, await Service.Status(HttpMethod.Get, path));
        var other = (string)(await Service.Create("""{"name":"other","url":"https://other.example/"}"""))["id"]!;
        Assert.Equal(HttpStatusCode.OK, await Service.Status(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{other}/disable"));
        Assert.Equal(0, await DeadLetters());
        Assert.Equal(Events, await Clearing());

        await Service.Restart();
        Assert.Equal(Events, await Clearing());
        await Service.Passing(async () => await Clearing() == 0);
        await Service.Passing(async () => await DeadLetters() == Events);

        Assert.Equal(HttpStatusCode.NotFound, await Service.Status(HttpMethod.Get, path));
    }

    [Fact]
    public async Task A_declared_one_that_was_deleted_and_is_declared_again_gets_what_comes_after_that_alone()
    {
        (string, string)[] declared = [("Endpoints:pager:url", "https://pager.example/hook"), ("Endpoints:pager:enabled", "false")];
        Service.Settings = declared;
        await Post();
        await Service.RestartWith();
        Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/pager?waiting=dead-letter", null, "If-Match: *"));
        Assert.Equal(Events, await Clearing());

        await Service.RestartWith(declared[0]);
        Assert.Equal(Events, await DeadLetters());
        var later = await Service.Accept();
        await Service.UntilStatus(later, "pager", "delivered");

        Assert.Equal(later, Assert.Single(Service.Receiver.Sent).Event.IdText);
        await Service.Restart();
        Assert.Equal(HttpStatusCode.OK, await Service.Status(HttpMethod.Get, $"{ServiceRequests.Endpoints}/pager"));
    }

    private async Task Post() => await Service.Ask(
        HttpMethod.Post, "/integrations/events/batch", HttpStatusCode.OK, $"[{string.Join(',', Enumerable.Repeat(ServiceRequests.Event("a"), Events))}]");

    private async Task<int> Clearing() => (int)(await Telemetry.Scrape.Of(Service.Http))["integration_endpoints_clearing"]!.Value;

    private async Task<int> DeadLetters() =>
        (await Service.Ask(HttpMethod.Get, "/api/v1/dead-letters?reason=endpoint_deleted&limit=1000", HttpStatusCode.OK))["items"]!.AsArray().Count;
}
