using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Replicas;

/// <summary>Endpoints that are changed on one replica, and used on another.</summary>
[Trait("Speed", "Slow")]
public sealed class SharingEndpoints() : OnReplicas(2, ("MAX_ENDPOINTS", "10"))
{
    private const string Definition = """{"name":"pager","url":"http://127.0.0.1:2/hook"}""";

    [Fact]
    public async Task A_change_is_in_force_on_the_other_without_a_request_there()
    {
        var id = await CreateAsync(One);
        await Waiting.Until(() => Other.Endpoints.Find(id) is not null);

        await One.Post($"{ServiceRequests.Endpoints}/{id}/disable", HttpStatusCode.OK);
        await Waiting.Until(() => Other.Endpoints.Find(id) is { Disabled: DisabledReason.Operator });

        var secret = Other.Endpoints.Find(id)!.Secrets!.Current;
        await One.Post($"{ServiceRequests.Endpoints}/{id}/rotate-secret", HttpStatusCode.OK);
        await Waiting.Until(() => Other.Endpoints.Find(id)!.Secrets!.Current != secret);

        await One.Patch($"{ServiceRequests.Endpoints}/{id}", HttpStatusCode.OK, """{"workers":3}""");
        await Waiting.Until(() => Other.Endpoints.FindRegistered(id) is { Version: 4, Endpoint.Workers: 3 });

        Assert.Equal(HttpStatusCode.NoContent, await One.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{id}", null, "If-Match: *"));
        await Waiting.Until(() => Other.Endpoints.Find(id) is null);
    }

    [Fact]
    public async Task A_request_sees_each_change_that_was_answered_before_it()
    {
        for (var round = 0; round < 20; round++)
        {
            var (here, there) = round % 2 == 0 ? (One, Other) : (Other, One);
            var path = $"{ServiceRequests.Endpoints}/{await CreateAsync(here)}";

            Assert.Equal("pager", (string?)(await there.Get(path))["name"]);
            await there.Patch(path, HttpStatusCode.OK, """{"name":"changed"}""", "\"1\"");
            await here.Patch(path, HttpStatusCode.PreconditionFailed, """{"name":"stale"}""", "\"1\"");
            Assert.Contains((await here.Get(ServiceRequests.Endpoints))["items"]!.AsArray(), static item => (string?)item!["name"] == "changed");
            Assert.Equal(HttpStatusCode.NoContent, await here.Status(HttpMethod.Delete, path, null, "If-Match: \"2\""));
            Assert.Equal(HttpStatusCode.NotFound, await there.Status(HttpMethod.Get, $"{path}/health"));
        }
    }

    [Fact]
    public async Task Of_two_changes_of_one_version_at_once_one_is_made()
    {
        var path = $"{ServiceRequests.Endpoints}/{await CreateAsync(One)}";
        for (var version = 1; version <= 20; version++)
        {
            var answers = await Task.WhenAll(new[] { One, Other }.Select(replica => Task.Run(() => PatchAsync(replica, path, $$"""{"workers":{{version + 1}}}""", $"\"{version}\""))));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed], answers.Order());
        }
    }

    [Fact]
    public async Task The_limit_holds_for_all_replicas()
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 24).Select(number =>
            Task.Run(() => (number % 2 == 0 ? One : Other).Status(HttpMethod.Post, ServiceRequests.Endpoints, Definition))));

        Assert.Equal(10, statuses.Count(static status => status == HttpStatusCode.Created));
        Assert.Equal(14, statuses.Count(static status => status == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Two_endpoints_do_not_become_fallbacks_of_each_other_at_once()
    {
        var (first, second) = (await CreateAsync(One), await CreateAsync(One));
        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(
                Task.Run(() => PatchAsync(One, $"{ServiceRequests.Endpoints}/{first}", $$"""{"fallback_endpoint_id":"{{second}}"}""")),
                Task.Run(() => PatchAsync(Other, $"{ServiceRequests.Endpoints}/{second}", $$"""{"fallback_endpoint_id":"{{first}}"}""")));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadRequest], answers.Order());
            await One.Patch($"{ServiceRequests.Endpoints}/{first}", HttpStatusCode.OK, """{"fallback_endpoint_id":null}""");
            await One.Patch($"{ServiceRequests.Endpoints}/{second}", HttpStatusCode.OK, """{"fallback_endpoint_id":null}""");
        }
    }

    [Fact]
    public async Task A_disabled_endpoint_is_posted_by_the_replica_that_disabled_it()
    {
        var watcher = await CreateAsync(One, """{"name":"watcher","url":"http://127.0.0.1:2/hook","filter":{"event_types":["platform.*","*"]}}""");
        var id = await CreateAsync(One);
        await Waiting.Until(() => Other.Endpoints.Find(id) is not null && Other.Endpoints.Find(watcher) is not null);

        await One.Post($"{ServiceRequests.Endpoints}/{id}/disable", HttpStatusCode.OK);
        await Waiting.Until(() => Other.Endpoints.Find(id) is { IsEnabled: false });

        // A replica posts in order: an event of the other about the first endpoint would come before this one.
        await Other.Post($"{ServiceRequests.Endpoints}/{watcher}/disable", HttpStatusCode.OK);
        await Waiting.Until(async () => await EventsAboutAsync(watcher) == 1);
        Assert.Equal(1, await EventsAboutAsync(id));
    }

    [Fact]
    public async Task An_event_goes_to_an_endpoint_that_another_replica_registered_and_serves()
    {
        var ids = new List<EndpointId>();
        for (var made = 0; made < 8; made++)
        {
            ids.Add(await CreateAsync(One));
        }

        await Waiting.Until(() => ids.TrueForAll(id => Other.Endpoints.Find(id) is not null));
        await Other.Accept(1);
        await Waiting.Until(() => One.Receiver.Sent.Count + Other.Receiver.Sent.Count == ids.Count);
        await Waiting.Until(() => One.WaitsInAll == 0 && Other.WaitsInAll == 0);
    }

    private Task<long> EventsAboutAsync(EndpointId id) =>
        Group.Database.ScalarAsync<long>($"SELECT count(*) FROM events WHERE position(convert_to('endpoint {id}', 'UTF8') IN payload) > 0 OR position(convert_to('({id})', 'UTF8') IN payload) > 0");

    private static async Task<EndpointId> CreateAsync(MiddlewareService replica, string definition = Definition) => new((string)(await replica.Create(definition))["id"]!);

    private static async Task<HttpStatusCode> PatchAsync(MiddlewareService replica, string path, string patch, string ifMatch = "*")
    {
        using var answer = await replica.Send(HttpMethod.Patch, path, System.Text.Encoding.UTF8.GetBytes(patch), "application/merge-patch+json", $"If-Match: {ifMatch}");
        return answer.StatusCode;
    }
}
