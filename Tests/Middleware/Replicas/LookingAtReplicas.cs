using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Replicas;

/// <summary>The list of replicas, and the configuration that is in force while they are replaced one by one.</summary>
[Trait("Speed", "Slow")]
public sealed class LookingAtReplicas
{
    private const string Path = "/api/v1/replicas";

    private static readonly EndpointId Pager = new("pager");

    [Fact]
    public async Task With_SQLite_there_is_one()
    {
        await using var service = new MiddlewareService(("REPLICA_NAME", "alone"), ("CONFIG_GENERATION", "3"));
        service.Receiver.Hold();
        await service.Accept();

        var only = Assert.Single((await service.Get(Path))["items"]!.AsArray())!;

        Assert.Equal("alone", (string?)only["name"]);
        Assert.Equal((256, 1, 1), ((int)only["slots"]!, (int)only["endpoints"]!, (int)only["waiting"]!));
        Assert.Equal((true, 3, true), ((bool)only["is_this"]!, (int)only["config_generation"]!, (bool)only["config_applied"]!));
        Assert.NotNull(only["version"]);
        Assert.Equal(TestClock.Noon, (DateTimeOffset)only["since"]!);
        service.Receiver.Release();
    }

    [Fact]
    public async Task Each_shows_all_with_their_shares_until_one_ends()
    {
        await using var group = await ReplicaGroup.CreateAsync();
        var (one, other) = await StartTwoAsync(group);

        var seen = await Waiting.SeeAsync(() => ListAsync(one), static all => all.Count == 2 && all.TrueForAll(static item => (int)item["slots"]! > 0 && item["version"] is not null), "two replicas share the slots");
        Assert.Equal(["replica-1", "replica-2"], seen.Select(static item => (string?)item["name"]));
        Assert.Equal([true, false], seen.Select(static item => (bool)item["is_this"]!));
        Assert.Equal([false, true], (await ListAsync(other)).Select(static item => (bool)item["is_this"]!));
        await Waiting.SeeAsync(() => ListAsync(other), static all => all.Sum(static item => (int)item["slots"]!) == 256 && all.Sum(static item => (int)item["endpoints"]!) == 16, "all endpoints are served");

        await group.StopAsync(one);
        var left = Assert.Single(await Waiting.SeeAsync(() => ListAsync(other), static all => all.Count == 1 && (int)all[0]["slots"]! == 256, "the other serves all"));
        Assert.Equal(("replica-2", 16), ((string?)left["name"], (int)left["endpoints"]!));
    }

    [Fact]
    public async Task An_attempt_has_the_replica_that_made_it()
    {
        await using var group = await ReplicaGroup.CreateAsync();
        var (one, other) = await StartTwoAsync(group);

        await Waiting.SeeAsync(() => ListAsync(other), static all => all.Count == 2 && all.TrueForAll(static item => (int)item["endpoints"]! > 0), "both serve endpoints");
        var id = await other.Accept();
        var attempts = await Waiting.SeeAsync(
            async () => (await one.Get($"/api/v1/events/{id}"))["attempts"]!.AsArray(), static all => all.Count == 16, "all attempts are recorded");

        foreach (var (replica, name) in new[] { (one, "replica-1"), (other, "replica-2") })
        {
            Assert.Equal(
                replica.Receiver.Sent.Select(static sent => sent.EndpointId.Value).Order(),
                attempts.Where(attempt => (string?)attempt!["replica"] == name).Select(static attempt => (string)attempt!["endpoint_id"]!).Order());
        }
    }

    [Theory]
    [InlineData("", "alone")]
    [InlineData("service.instance.id=given,team=core", "given")]
    public async Task Its_telemetry_has_its_name_unless_it_is_given_another(string attributes, string shown)
    {
        await using var service = new MiddlewareService(("REPLICA_NAME", "alone"), ("OTEL_RESOURCE_ATTRIBUTES", attributes));

        var metrics = await service.Http.GetStringAsync("/metrics", Waiting.Cancellation);

        var target = Assert.Single(metrics.Split('\n'), static line => line.StartsWith("target_info{", StringComparison.Ordinal));
        Assert.Contains($"service_instance_id=\"{shown}\"", target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_with_an_older_configuration_changes_nothing()
    {
        await using var group = await ReplicaGroup.CreateAsync();
        var older = await group.StartAsync(Declared(1, "http://127.0.0.1:2/old"));
        var newer = await group.StartAsync(Declared(2, "http://127.0.0.1:2/new"));
        await Waiting.Until(() => older.Endpoints.Find(Pager)!.Url.AbsolutePath == "/new");

        await group.StopAsync(older);
        var again = await group.StartAsync(Declared(1, "http://127.0.0.1:2/old"));

        Assert.Equal("/new", again.Endpoints.Find(Pager)!.Url.AbsolutePath);
        Assert.Equal("/new", newer.Endpoints.Find(Pager)!.Url.AbsolutePath);
        Assert.Single(again.Log.Of("endpoints of the configuration not applied: CONFIG_GENERATION is lower than that of the configuration in force"));
        var shown = await Waiting.SeeAsync(() => ListAsync(newer), static all => all.Count == 2 && all.TrueForAll(static item => item["config_applied"] is not null), "both are there");
        Assert.Equal([(1, false), (2, true)], shown.Select(static item => ((int)item["config_generation"]!, (bool)item["config_applied"]!)).Order());

        // The same generation is applied, and an endpoint that it lacks is disabled.
        var without = await group.StartAsync(("CONFIG_GENERATION", "2"));
        Assert.Equal(DisabledReason.Configuration, without.Endpoints.Find(Pager)!.Disabled);
        await Waiting.Until(() => newer.Endpoints.Find(Pager) is { Disabled: DisabledReason.Configuration });
    }

    [Fact]
    public async Task Replicas_that_start_at_once_declare_each_endpoint_once()
    {
        await using var group = await ReplicaGroup.CreateAsync();

        var all = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => group.StartAsync([.. Declared(1, "http://127.0.0.1:2/hook"), ("Endpoints:other:url", "http://127.0.0.1:2/other")])));

        await Waiting.Until(() => all.All(static replica => replica.Endpoints.Count == 2));
        Assert.All(all, static replica => Assert.Equal(1, replica.Endpoints.FindRegistered(Pager)!.Version));
        Assert.Equal(2, await group.Database.ScalarAsync<long>("SELECT count(*) FROM audit WHERE action = 'endpoint.created'"));
    }

    /// <summary>Two replicas, with so many endpoints that each has some.</summary>
    private static async Task<(MiddlewareService One, MiddlewareService Other)> StartTwoAsync(ReplicaGroup group)
    {
        var (one, other) = (await group.StartAsync(), await group.StartAsync());
        for (var made = 0; made < 16; made++)
        {
            await one.Create("""{"name":"pager","url":"http://127.0.0.1:2/hook"}""");
        }

        return (one, other);
    }

    private static (string, string)[] Declared(int generation, string url) =>
        [("CONFIG_GENERATION", $"{generation}"), ("Endpoints:pager:url", url), ("ALLOWED_NETWORKS", "127.0.0.0/8")];

    private static async Task<List<JsonNode>> ListAsync(MiddlewareService replica) => [.. (await replica.Get(Path))["items"]!.AsArray().Select(static item => item!)];
}
