using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Endpoints;

[Trait("Store", "Any")]
public sealed class DeclaringEndpoints() : OnAService(MiddlewareService.WithoutEndpoint(
    ("Endpoints:pager:url", "https://pager.example/hook"),
    ("Endpoints:pager:Filter:event_types:0", "server_*"),
    ("Endpoints:pager:Filter:event_types:1", "made"),
    ("Endpoints:pager:filter:min_priority", "low"),
    ("Endpoints:pager:workers", "3"),
    ("Endpoints:pager:shards", "2"),
    ("Endpoints:pager:queue_size", "77"),
    ("Endpoints:pager:when_full", "reject"),
    ("Endpoints:pager:timeout", "7s"),
    ("Endpoints:pager:redelivery_schedule", "1m,5m"),
    ("Endpoints:pager:rate_limit:per_second", "2.5"),
    ("Endpoints:pager:rate_limit:burst", "2"),
    ("Endpoints:pager:ordering", "key"),
    ("Endpoints:pager:on_exhausted", "block"),
    ("Endpoints:pager:headers:X-Team", "core"),
    ("Endpoints:pager:fallback_endpoint_id", "mail"),
    ("Endpoints:mail:name", "Mail"),
    ("Endpoints:mail:url", "https://mail.example/"),
    ("Endpoints:mail:enabled", "false")))
{
    private const string Path = $"{ServiceRequests.Endpoints}/pager";

    private static readonly string[] Secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"];

    [Fact]
    public async Task What_is_declared_is_served_and_shown_as_declared()
    {
        var list = (await Service.Ask(HttpMethod.Get, ServiceRequests.Endpoints, HttpStatusCode.OK))["items"]!.AsArray();

        Assert.Equal([("mail", "Mail", false), ("pager", "pager", true)], list.Select(static item => ((string)item!["id"]!, (string)item["name"]!, (bool)item["enabled"]!)));
        Assert.All(list, static item => Assert.Equal("configuration", (string?)item!["origin"]));
        Assert.Equal("configuration", (string?)list[0]!["disabled_reason"]);
        var pager = Service.Endpoints.Find(new EndpointId("pager"))!;
        Assert.Equal(["server_*", "made"], pager.Filter.EventTypes.Texts);
        Assert.Equal((3, LaneLayout.Of(2), new QueueLimit(77, WhenFull.Reject), new RateLimit(2.5, 2)), (pager.Workers, pager.Layout, pager.Queue, pager.RateLimit));
        Assert.Equal([TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)], pager.Redelivery.Delays);
        Assert.Equal((TimeSpan.FromSeconds(7), new EndpointId("mail")), (pager.Retries.Timeout, pager.FallbackId));
        Assert.Equal(Made.Ordering(OnExhausted.Block), pager.Ordering);
        Assert.Equal(KeyValuePair.Create("X-Team", "core"), Assert.Single(pager.Headers.All));

        var id = await Service.Accept();
        await UntilDelivered(id);
        Assert.Equal("pending", await Service.StatusOf(id, "mail"));
    }

    [Fact]
    public async Task What_is_declared_is_changed_and_deleted_by_the_configuration_alone()
    {
        var body = """{"name":"x","url":"https://x.example/"}""";
        Assert.Equal(HttpStatusCode.Conflict, await Service.Status(HttpMethod.Put, Path, body, "If-Match: *"));
        Assert.Equal(HttpStatusCode.Conflict, await Service.Status(HttpMethod.Delete, Path, null, "If-Match: *"));
        Assert.Equal((1, "https://pager.example/hook"), await Look());

        await Service.RestartWith([.. Service.Settings.Where(static setting => setting.Name != "Endpoints:pager:url"), ("Endpoints:pager:url", "https://other.example/")]);
        Assert.Equal((2, "https://other.example/"), await Look());

        // Nothing changed, nothing written.
        await Service.Restart();
        Assert.Equal((2, "https://other.example/"), await Look());
    }

    [Fact]
    public async Task What_is_not_declared_any_more_is_disabled_and_can_be_deleted_and_comes_back_enabled()
    {
        var declared = Service.Settings;
        await Service.Ask(HttpMethod.Get, Path, HttpStatusCode.OK);
        await Service.RestartWith();
        var id = await Service.Accept();
        Assert.Equal((false, "configuration"), await Service.StateOf("pager"));
        Assert.Equal("pending", await Service.StatusOf(id, "pager"));

        await Service.RestartWith(declared);
        Assert.Equal((true, null), await Service.StateOf("pager"));
        await UntilDelivered(id);

        await Service.RestartWith();
        Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, Path, null, "If-Match: *"));
        await Service.Restart();
        Assert.Equal(HttpStatusCode.NotFound, await Service.Status(HttpMethod.Get, Path));
        await Service.RestartWith(declared);
        await UntilDelivered(await Service.Accept());
    }

    [Fact]
    public async Task What_an_operator_disables_stays_so_until_it_is_enabled()
    {
        await Service.Ask(HttpMethod.Post, $"{Path}/disable", HttpStatusCode.OK);
        await Service.Restart();
        Assert.Equal((false, "operator"), await Service.StateOf("pager"));

        await Service.Ask(HttpMethod.Post, $"{Path}/enable", HttpStatusCode.OK);
        await Service.Restart();
        Assert.Equal((true, null), await Service.StateOf("pager"));
    }

    [Fact]
    public async Task A_secret_that_is_declared_is_rotated_by_declaring_another_and_never_shown()
    {
        var before = Service.Settings;
        Service.Settings = [.. before, ("Endpoints:pager:secret", Secrets[0])];
        Assert.DoesNotContain("whsec", (await Service.Ask(HttpMethod.Get, Path, HttpStatusCode.OK)).ToJsonString(), StringComparison.Ordinal);
        await Service.Ask(HttpMethod.Post, $"{Path}/rotate-secret", HttpStatusCode.Conflict);

        await Service.RestartWith([.. before, ("Endpoints:pager:secret", Secrets[1])]);
        await Service.Restart();

        var secrets = Service.Endpoints.Find(new EndpointId("pager"))!.Secrets!;
        Assert.Equal((Secrets[0], Secrets[1]), (secrets.Previous!.Secret.Reveal(), secrets.Current.Reveal()));
    }

    [Fact]
    public async Task A_secret_and_a_header_may_be_in_files()
    {
        using var folder = new TemporaryDirectory();
        var (secret, header) = (System.IO.Path.Combine(folder.Path, "secret"), System.IO.Path.Combine(folder.Path, "header"));
        await File.WriteAllTextAsync(secret, $"{Secrets[0]}\n", Waiting.Cancellation);
        await File.WriteAllTextAsync(header, "Bearer abc\n", Waiting.Cancellation);
        Service.Settings = [.. Service.Settings, ("Endpoints:pager:secret_FILE", secret), ("Endpoints:pager:headers:Authorization_FILE", header)];

        var pager = (await Service.Ask(HttpMethod.Get, Path, HttpStatusCode.OK)).ToJsonString();

        Assert.DoesNotContain("abc", pager, StringComparison.Ordinal);
        var declared = Service.Endpoints.Find(new EndpointId("pager"))!;
        Assert.Equal(Secrets[0], declared.Secrets!.Current.Reveal());
        Assert.Equal([KeyValuePair.Create("X-Team", "core"), KeyValuePair.Create("Authorization", "Bearer abc")], declared.Headers.All.OrderByDescending(static pair => pair.Key));
    }

    [Fact]
    public async Task A_secret_that_is_not_declared_is_made_when_it_is_asked_for_and_stays()
    {
        Assert.Null(Service.Endpoints.Find(new EndpointId("pager"))?.Secrets);
        var secret = (string)(await Service.Ask(HttpMethod.Post, $"{Path}/rotate-secret", HttpStatusCode.OK))["secret"]!;

        await Service.Restart();

        Assert.Equal(secret, Service.Endpoints.Find(new EndpointId("pager"))!.Secrets!.Current.Reveal());
    }

    private async Task<(int Version, string Url)> Look()
    {
        using var answer = await Service.Http.GetAsync(Path, Waiting.Cancellation);
        var item = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
        return (int.Parse(answer.Headers.ETag!.Tag.Trim('"'), System.Globalization.CultureInfo.InvariantCulture), (string)item["url"]!);
    }

    /// <summary>A lane that another replica may have had begins with nothing of its rate limit: time must go on.</summary>
    private Task UntilDelivered(string id) => Service.Passing(async () => await Service.StatusOf(id, "pager") == "delivered");
}
