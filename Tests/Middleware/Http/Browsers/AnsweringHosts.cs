using ServiceDefaults.Health;
using Tests.Middleware.Http.Contract;
using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Http.Browsers;

public sealed class AnsweringHosts() : OnAService(new MiddlewareService(("ALLOWED_HOSTS", "hooks.example")))
{
    private const string Foreign = "Host: evil.example";

    private static readonly string[] Probes = ["/alive", "/health", "/health/live", "/health/ready"];

    [Theory]
    [InlineData("hooks.example", "hooks.example", true)]
    [InlineData("hooks.example", "HOOKS.example:8080", true)]
    [InlineData("hooks.example", "a.hooks.example", false)]
    [InlineData("hooks.example", "evil.example", false)]
    [InlineData("hooks.example", "localhost", false)]
    [InlineData("*.hooks.example", "a.hooks.example", true)]
    [InlineData("*.hooks.example", "a.b.hooks.example:80", true)]
    [InlineData("*.hooks.example", "hooks.example", false)]
    [InlineData("*.hooks.example", "evilhooks.example", false)]
    [InlineData("other.example, 10.0.0.7,[fd00::7]", "10.0.0.7:8080", true)]
    [InlineData("other.example, 10.0.0.7,[fd00::7]", "[fd00::7]:8080", true)]
    [InlineData("other.example, 10.0.0.7,[fd00::7]", "[fd00::8]", false)]
    [InlineData("*", "evil.example", true)]
    public Task Only_an_allowed_host_is_answered(string allowed, string host, bool isAnswered) => IsAnswered([("ALLOWED_HOSTS", allowed)], host, isAnswered);

    [Theory]
    [InlineData("Development", "localhost:8080", true)]
    [InlineData("Development", "127.0.0.1:8080", true)]
    [InlineData("Development", "[::1]:8080", true)]
    [InlineData("Development", "evil.example:8080", false)]
    [InlineData("Production", "evil.example", true)]
    public Task Without_a_setting_development_answers_this_machine_and_production_any_host(string environment, string host, bool isAnswered) =>
        IsAnswered([("environment", environment), ("AUTH", "off")], host, isAnswered);

    [Fact]
    public async Task Every_route_but_the_probes_refuses_a_foreign_host()
    {
        foreach (var change in StateChange.All(Service.Services))
        {
            await Service.Send(change.Method, change.Path, [], null, Foreign).IsFault(
                HttpStatusCode.BadRequest, "\"evil.example\" is not a host of this service; expected one of ALLOWED_HOSTS", "Host");
        }

        foreach (var path in (string[])["/metrics", "/docs", "/openapi/v1.json", "/api/v1/events", "/none"])
        {
            await Service.Send(HttpMethod.Get, path, [], null, Foreign).IsProblem(HttpStatusCode.BadRequest, "The request is not valid.", detail: null);
        }
    }

    [Fact]
    public async Task Probes_are_answered_under_any_host()
    {
        foreach (var path in Probes)
        {
            await Service.Send(HttpMethod.Get, path, [], null, Foreign).HasStatus(HttpStatusCode.OK);
        }

        var marked = MappedRoute.EndpointsOf(Service.Services)
            .Where(static endpoint => endpoint.Metadata.GetMetadata<Probe>() is not null).Select(static endpoint => endpoint.RoutePattern.RawText);
        Assert.Equal(Probes, marked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_probe_changes_nothing_and_takes_no_POST()
    {
        await using var service = new MiddlewareService();

        foreach (var path in Probes)
        {
            Assert.Equal(HttpStatusCode.MethodNotAllowed, await service.Status(HttpMethod.Post, path, "{}"));
        }
    }

    [Theory]
    [InlineData("172.18.0.3:9464", HttpStatusCode.OK)]
    [InlineData("[fd00::3]:9464", HttpStatusCode.OK)]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    public async Task Metrics_are_answered_at_an_address_and_at_no_other_name(string host, HttpStatusCode expected)
    {
        Assert.Equal(expected, await Service.Status(HttpMethod.Get, "/metrics", null, $"Host: {host}"));
        Assert.Equal(HttpStatusCode.BadRequest, await Service.Status(HttpMethod.Get, "/api/v1/endpoints", null, $"Host: {host}"));
    }

    [Fact]
    public async Task A_preflight_to_a_foreign_host_is_refused()
    {
        await using var service = new MiddlewareService(("ALLOWED_HOSTS", "hooks.example"), ("CORS_ORIGINS", "https://console.example"));

        await service.Send(HttpMethod.Options, ServiceRequests.Endpoints, [], null, Foreign, "Origin: https://console.example", "Access-Control-Request-Method: POST")
            .HasStatus(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(Foreign, 400, "invalid")]
    [InlineData("Origin: https://evil.example", 403, "forbidden")]
    public async Task A_refused_event_is_counted_and_logged(string header, int status, string reason)
    {
        await using var service = new MiddlewareService(("ALLOWED_HOSTS", "localhost"));

        Assert.Equal(status, (int)await service.Status(HttpMethod.Post, "/integrations/events", "canary", header));
        Assert.Equal(status, (int)await service.Status(HttpMethod.Post, ServiceRequests.Endpoints, "canary", header));

        Assert.Equal(status, Assert.Single(service.Log.Of("request refused")).Values["statusCode"]);
        await Scrape.Until(service.Http, $$"""integration_events_rejected_total{reason="{{reason}}"}""", 1);
    }

    private static async Task IsAnswered((string Name, string Value)[] settings, string host, bool isAnswered)
    {
        await using var service = new MiddlewareService(settings);

        await service.PostEvent(ServiceRequests.Valid, $"Host: {host}").HasStatus(isAnswered ? HttpStatusCode.OK : HttpStatusCode.BadRequest);
    }
}
