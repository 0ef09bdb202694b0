using Microsoft.Extensions.DependencyInjection;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class ChangingEndpoints() : OnAService(MiddlewareService.WithoutEndpoint())
{
    private const string Definition = """{"name":"pager","url":"https://pager.example/hook"}""";

    [Fact]
    public async Task A_change_needs_the_version_that_was_seen()
    {
        var path = await Create();
        Assert.Equal(HttpStatusCode.PreconditionRequired, await Status(HttpMethod.Put, path));
        Assert.Equal(HttpStatusCode.OK, await Status(HttpMethod.Put, path, "If-Match: \"1\""));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await Status(HttpMethod.Put, path, "If-Match: \"1\""));
        Assert.Equal(HttpStatusCode.OK, await Status(HttpMethod.Put, path, "If-Match: *"));

        using var seen = await Service.Http.GetAsync(path, Waiting.Cancellation);
        Assert.Equal("\"3\"", seen.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.PreconditionFailed, await Status(HttpMethod.Delete, path, "If-Match: \"2\""));
        Assert.Equal(HttpStatusCode.NoContent, await Status(HttpMethod.Delete, path, "If-Match: \"3\""));
        Assert.Equal(HttpStatusCode.NotFound, await Status(HttpMethod.Get, path));
        Assert.Equal(HttpStatusCode.NotFound, await Status(HttpMethod.Put, path, "If-Match: \"3\""));
    }

    [Fact]
    public async Task A_deletion_of_whichever_version_is_not_refused_for_a_change_meanwhile()
    {
        var id = new EndpointId((await Create()).Split('/')[^1]);
        var manage = Service.Services.GetRequiredService<ManageEndpoints>();
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var changing = Task.Run(() => manage.ChangeAsync(id, version: null, endpoint =>
        {
            begun.SetResult();
            end.Task.Wait();
            return endpoint with { Name = "another" };
        }, Actor.Service));
        await begun.Task.InTime();
        var removing = manage.RemoveAsync(id, version: null, deadLetterWaiting: false, Actor.Service);
        end.SetResult();

        Assert.Equal("another", (await changing.InTime()).Endpoint?.Endpoint.Name);
        Assert.Equal(EndpointRemoval.Removed, await removing.InTime());
        Assert.Equal(EndpointRemoval.VersionDiffers, await manage.RemoveAsync(id, version: null, deadLetterWaiting: false, Actor.Service));
    }

    [Fact]
    public async Task While_it_is_disabled_events_wait_for_it_and_are_sent_when_it_is_enabled()
    {
        var path = await Create();
        Assert.False((bool)(await Service.Ask(HttpMethod.Post, $"{path}/disable", HttpStatusCode.OK))["enabled"]!);
        await Service.Accept(3);

        Assert.Empty(Service.Receiver.Sent);
        Assert.Equal(3, (int)(await Service.Ask(HttpMethod.Get, path, HttpStatusCode.OK))["health"]!["waiting"]!);

        await Service.Restart();
        Assert.Equal(3, (int)(await Service.Ask(HttpMethod.Get, path, HttpStatusCode.OK))["health"]!["waiting"]!);
        await Service.Ask(HttpMethod.Post, $"{path}/enable", HttpStatusCode.OK);
        await Waiting.Until(() => Service.Receiver.Sent.Count == 3);
    }

    [Fact]
    public async Task One_for_which_deliveries_wait_is_deleted_only_with_leave_to_make_dead_letters_of_them()
    {
        var path = await Create();
        await Service.Ask(HttpMethod.Post, $"{path}/disable", HttpStatusCode.OK);
        await Service.Accept(2);
        Assert.Equal(HttpStatusCode.Conflict, await Status(HttpMethod.Delete, path, "If-Match: *"));
        Assert.Equal(HttpStatusCode.BadRequest, await Status(HttpMethod.Delete, $"{path}?waiting=drop", "If-Match: *"));
        Assert.Equal(HttpStatusCode.OK, await Status(HttpMethod.Get, path));

        Assert.Equal(HttpStatusCode.NoContent, await Status(HttpMethod.Delete, $"{path}?waiting=dead-letter", "If-Match: *"));

        await Service.Passing(async () => (await DeadLetters()).Count == 2);
        Assert.All(await DeadLetters(), static item => Assert.Equal(("endpoint_deleted", null), ((string?)item!["reason"], (string?)item["next_retry_at"])));
        await Service.Restart();
        Assert.Empty((await Service.Ask(HttpMethod.Get, ServiceRequests.Endpoints, HttpStatusCode.OK))["items"]!.AsArray());

        async Task<JsonArray> DeadLetters() =>
            (await Service.Ask(HttpMethod.Get, "/api/v1/dead-letters", HttpStatusCode.OK))["items"]!.AsArray();
    }

    [Fact]
    public async Task A_new_secret_is_shown_once_and_signs_beside_the_one_before()
    {
        var path = await Create();
        var endpoint = new EndpointId(path.Split('/')[^1]);
        var before = Service.Endpoints.Find(endpoint)!.Secrets!.Current;

        var rotated = await Service.Ask(HttpMethod.Post, $"{path}/rotate-secret", HttpStatusCode.OK);
        await Service.Restart();

        var secrets = Service.Endpoints.Find(endpoint)!.Secrets!;
        Assert.Equal((string?)rotated["secret"], secrets.Current.Reveal());
        Assert.Equal((before, TestClock.Noon + SigningSecrets.Overlap), (secrets.Previous!.Secret, secrets.Previous.ExpiresAt));
    }

    [Fact]
    public async Task The_built_in_endpoint_is_shown_and_may_rest_and_is_else_changed_by_nobody()
    {
        await using var service = new MiddlewareService();
        var item = (await service.Ask(HttpMethod.Get, ServiceRequests.Endpoints, HttpStatusCode.OK))["items"]!.AsArray().Single()!;
        Assert.Equal(("default", "built_in"), ((string?)item["id"], (string?)item["origin"]));

        await service.Ask(HttpMethod.Put, $"{ServiceRequests.Endpoints}/default", HttpStatusCode.Conflict, Definition);
        await service.Ask(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/default", HttpStatusCode.Conflict);
        await service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/default/rotate-secret", HttpStatusCode.Conflict);
        var disabled = await service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/default/disable", HttpStatusCode.OK);
        Assert.Equal((false, "operator"), ((bool)disabled["enabled"]!, (string?)disabled["disabled_reason"]));
        Assert.True((bool)(await service.Ask(HttpMethod.Post, $"{ServiceRequests.Endpoints}/default/enable", HttpStatusCode.OK))["enabled"]!);
    }

    private async Task<string> Create() => $"{ServiceRequests.Endpoints}/{(await Service.Create(Definition))["id"]}";

    private Task<HttpStatusCode> Status(HttpMethod method, string path, params string[] headers) =>
        Service.Status(method, path, method == HttpMethod.Put ? Definition : null, headers);
}
