using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Replicas;

/// <summary>Endpoints that are changed on one replica, and used on another.</summary>
[Trait("Speed", "Slow")]
public sealed class SharingEndpoints : IAsyncLifetime
{
    private const string Definition = """{"name":"pager","url":"http://127.0.0.1:2/hook"}""";

    private ReplicaGroup _group = null!;
    private MiddlewareService _one = null!;
    private MiddlewareService _other = null!;

    public async ValueTask InitializeAsync()
    {
        _group = await ReplicaGroup.CreateAsync();
        (_one, _other) = (await _group.StartAsync(("MAX_ENDPOINTS", "10")), await _group.StartAsync(("MAX_ENDPOINTS", "10")));
    }

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task A_change_is_in_force_on_the_other_without_a_request_there()
    {
        var id = await CreateAsync(_one);
        await Waiting.Until(() => _other.Endpoints.Find(id) is not null);

        await _one.Post($"{ServiceRequests.Endpoints}/{id}/disable", HttpStatusCode.OK);
        await Waiting.Until(() => _other.Endpoints.Find(id) is { Disabled: DisabledReason.Operator });

        var secret = _other.Endpoints.Find(id)!.Secrets!.Current;
        await _one.Post($"{ServiceRequests.Endpoints}/{id}/rotate-secret", HttpStatusCode.OK);
        await Waiting.Until(() => _other.Endpoints.Find(id)!.Secrets!.Current != secret);

        await _one.Patch($"{ServiceRequests.Endpoints}/{id}", HttpStatusCode.OK, """{"workers":3}""");
        await Waiting.Until(() => _other.Endpoints.FindRegistered(id) is { Version: 4, Endpoint.Workers: 3 });

        Assert.Equal(HttpStatusCode.NoContent, await _one.Status(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{id}", null, "If-Match: *"));
        await Waiting.Until(() => _other.Endpoints.Find(id) is null);
    }

    [Fact]
    public async Task A_request_sees_each_change_that_was_answered_before_it()
    {
        for (var round = 0; round < 20; round++)
        {
            var (here, there) = round % 2 == 0 ? (_one, _other) : (_other, _one);
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
        var path = $"{ServiceRequests.Endpoints}/{await CreateAsync(_one)}";
        for (var version = 1; version <= 20; version++)
        {
            var answers = await Task.WhenAll(new[] { _one, _other }.Select(replica => Task.Run(() => PatchAsync(replica, path, $$"""{"workers":{{version + 1}}}""", $"\"{version}\""))));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.PreconditionFailed], answers.Order());
        }
    }

    [Fact]
    public async Task The_limit_holds_for_all_replicas()
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, 24).Select(number =>
            Task.Run(() => (number % 2 == 0 ? _one : _other).Status(HttpMethod.Post, ServiceRequests.Endpoints, Definition))));

        Assert.Equal(10, statuses.Count(static status => status == HttpStatusCode.Created));
        Assert.Equal(14, statuses.Count(static status => status == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task Two_endpoints_do_not_become_fallbacks_of_each_other_at_once()
    {
        var (first, second) = (await CreateAsync(_one), await CreateAsync(_one));
        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(
                Task.Run(() => PatchAsync(_one, $"{ServiceRequests.Endpoints}/{first}", $$"""{"fallback_endpoint_id":"{{second}}"}""")),
                Task.Run(() => PatchAsync(_other, $"{ServiceRequests.Endpoints}/{second}", $$"""{"fallback_endpoint_id":"{{first}}"}""")));

            Assert.Equal([HttpStatusCode.OK, HttpStatusCode.BadRequest], answers.Order());
            await _one.Patch($"{ServiceRequests.Endpoints}/{first}", HttpStatusCode.OK, """{"fallback_endpoint_id":null}""");
            await _one.Patch($"{ServiceRequests.Endpoints}/{second}", HttpStatusCode.OK, """{"fallback_endpoint_id":null}""");
        }
    }

    [Fact]
    public async Task A_disabled_endpoint_is_posted_by_the_replica_that_disabled_it()
    {
        var watcher = await CreateAsync(_one, """{"name":"watcher","url":"http://127.0.0.1:2/hook","filter":{"event_types":["platform.*","*"]}}""");
        var id = await CreateAsync(_one);
        await Waiting.Until(() => _other.Endpoints.Find(id) is not null && _other.Endpoints.Find(watcher) is not null);

        await _one.Post($"{ServiceRequests.Endpoints}/{id}/disable", HttpStatusCode.OK);
        await Waiting.Until(() => _other.Endpoints.Find(id) is { IsEnabled: false });

        // A replica posts in order: an event of the other about the first endpoint would come before this one.
        await _other.Post($"{ServiceRequests.Endpoints}/{watcher}/disable", HttpStatusCode.OK);
        await Waiting.Until(async () => await EventsAboutAsync(watcher) == 1);
        Assert.Equal(1, await EventsAboutAsync(id));
    }

    [Fact]
    public async Task An_event_goes_to_an_endpoint_that_another_replica_registered_and_serves()
    {
        var ids = new List<EndpointId>();
        for (var made = 0; made < 8; made++)
        {
            ids.Add(await CreateAsync(_one));
        }

        await Waiting.Until(() => ids.TrueForAll(id => _other.Endpoints.Find(id) is not null));
        await _other.Accept(1);
        await Waiting.Until(() => _one.Receiver.Sent.Count + _other.Receiver.Sent.Count == ids.Count);
        await Waiting.Until(() => _one.WaitsInAll == 0 && _other.WaitsInAll == 0);
    }

    private Task<long> EventsAboutAsync(EndpointId id) =>
        _group.Database.ScalarAsync<long>($"SELECT count(*) FROM events WHERE position(convert_to('endpoint {id}', 'UTF8') IN payload) > 0 OR position(convert_to('({id})', 'UTF8') IN payload) > 0");

    private static async Task<EndpointId> CreateAsync(MiddlewareService replica, string definition = Definition) => new((string)(await replica.Create(definition))["id"]!);

    private static async Task<HttpStatusCode> PatchAsync(MiddlewareService replica, string path, string patch, string ifMatch = "*")
    {
        using var answer = await replica.Send(HttpMethod.Patch, path, System.Text.Encoding.UTF8.GetBytes(patch), "application/merge-patch+json", $"If-Match: {ifMatch}");
        return answer.StatusCode;
    }
}
