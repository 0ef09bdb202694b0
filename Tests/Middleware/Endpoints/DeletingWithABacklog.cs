using System.Net;

namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class DeletingWithABacklog : IAsyncDisposable
{
    private const int Events = 1_000;

    private readonly MiddlewareService _stage = MiddlewareService.WithoutEndpoint();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task It_is_gone_at_once_and_what_waits_becomes_dead_letters_behind_it_also_after_a_restart()
    {
        var path = await LeaveBacklog();

        // The loop that clears has not ticked: nothing that waits holds the deletion, or another change.
        Assert.Equal(HttpStatusCode.NoContent, await _stage.Status(HttpMethod.Delete, $"{path}?waiting=dead-letter", null, "If-Match: *"));
        Assert.Equal(HttpStatusCode.NotFound, await _stage.Status(HttpMethod.Get, path));
        var other = (string)(await _stage.Create("""{"name":"other","url":"https://other.example/"}"""))["id"]!;
        Assert.Equal(HttpStatusCode.OK, await _stage.Status(HttpMethod.Post, $"{ServiceRequests.Endpoints}/{other}/disable"));
        Assert.Equal(0, await DeadLetters());
        Assert.Equal(Events, await Clearing());

        await _stage.Restart();
        Assert.Equal(Events, await Clearing());
        await _stage.Passing(async () => await Clearing() == 0);
        await _stage.Passing(async () => await DeadLetters() == Events);

        Assert.Equal(HttpStatusCode.NotFound, await _stage.Status(HttpMethod.Get, path));
    }

    [Fact]
    public async Task A_declared_one_that_was_deleted_and_is_declared_again_gets_what_comes_after_that_alone()
    {
        (string, string)[] declared = [("Endpoints:pager:url", "https://pager.example/hook"), ("Endpoints:pager:enabled", "false")];
        _stage.Settings = declared;
        await Post(Events);
        _stage.Settings = [];
        await _stage.Restart();
        Assert.Equal(HttpStatusCode.NoContent, await _stage.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/pager?waiting=dead-letter", null, "If-Match: *"));
        Assert.Equal(Events, await Clearing());

        _stage.Settings = [declared[0]];
        await _stage.Restart();
        Assert.Equal(Events, await DeadLetters());
        var later = await _stage.Accept();
        await _stage.UntilStatus(later, "pager", "delivered");

        Assert.Equal(later, Assert.Single(_stage.Receiver.Sent).Event.IdText);
        await _stage.Restart();
        Assert.Equal(HttpStatusCode.OK, await _stage.Status(HttpMethod.Get, $"{ServiceRequests.Endpoints}/pager"));
    }

    private async Task<string> LeaveBacklog()
    {
        var path = $"{ServiceRequests.Endpoints}/{(string)(await _stage.Create("""{"name":"pager","url":"https://pager.example/hook"}"""))["id"]!}";
        Assert.Equal(HttpStatusCode.OK, await _stage.Status(HttpMethod.Post, $"{path}/disable"));
        await Post(Events);
        return path;
    }

    private async Task Post(int count) => await _stage.Ask(
        HttpMethod.Post, "/integrations/events/batch", HttpStatusCode.OK, $"[{string.Join(',', Enumerable.Repeat(ServiceRequests.Event("a"), count))}]");

    private async Task<int> Clearing() => (int)(await Telemetry.Scrape.Of(_stage.Http))["integration_endpoints_clearing"]!.Value;

    private async Task<int> DeadLetters() =>
        (await _stage.Ask(HttpMethod.Get, "/api/v1/dead-letters?reason=endpoint_deleted&limit=1000", HttpStatusCode.OK))["items"]!.AsArray().Count;
}
