using Middleware.Http;
using ServiceDefaults.Health;
using Tests.Middleware.Http.Contract;

namespace Tests.Middleware.Callers;

public class ClosedRoutes
{
    [Fact]
    public async Task Every_route_but_the_probes_answers_401_without_a_credential()
    {
        await using var keyed = new KeyedService(("environment", "Production"));

        foreach (var route in MappedRoute.All(keyed.Service.Services))
        {
            using var answer = await keyed.Service.Send(new HttpMethod(route.Method), RouteScopes.Filled(route.Path), [], "application/json");
            Assert.True((answer.StatusCode == HttpStatusCode.Unauthorized) != RouteScopes.Open.Contains(route.Path), $"{route}: {answer.StatusCode}");
            Assert.Equal(answer.StatusCode == HttpStatusCode.Unauthorized ? ["Bearer"] : [], answer.Headers.WwwAuthenticate.Select(static given => given.ToString()));
        }
    }

    [Fact]
    public async Task A_path_that_is_no_route_says_nothing_of_routes_without_a_credential()
    {
        await using var keyed = new KeyedService();

        Assert.Equal(HttpStatusCode.Unauthorized, await keyed.Service.Status(HttpMethod.Get, "/none", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await keyed.Service.Status(HttpMethod.Put, "/integrations/events", "{}"));
        Assert.Equal(HttpStatusCode.NotFound, await keyed.Status(KeyedService.AdminKey, HttpMethod.Get, "/none"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await keyed.Status(KeyedService.AdminKey, HttpMethod.Put, "/integrations/events", "{}"));
    }

    [Fact]
    public async Task Every_route_names_its_scopes_and_each_scope_permits_those_routes_alone()
    {
        await using var keyed = new KeyedService(("environment", "Production"), ("EXTERNAL_ENDPOINT_URL", ""));
        List<MappedRoute> routes = [.. MappedRoute.All(keyed.Service.Services).Where(static route => route.Method != "HEAD" && !RouteScopes.Open.Contains(route.Path))];

        // The pages of the docs that are not in the table are those of their script.
        Assert.Empty(routes.Select(static route => $"{route.Method} {route.Path}").Where(static route => !route.Contains(" /docs", StringComparison.Ordinal)).Except(RouteScopes.Table.Keys));
        Assert.Empty(RouteScopes.Table.Keys.Except(routes.Select(static route => $"{route.Method} {route.Path}")));

        foreach (var scope in ScopeNames.Of(Scopes.All))
        {
            var (_, key) = await keyed.Make(scope);
            foreach (var route in routes.Where(route => RouteScopes.Table.ContainsKey($"{route.Method} {route.Path}")))
            {
                using var answer = await keyed.Send(key, route.IsStream ? HttpMethod.Head : new HttpMethod(route.Method), RouteScopes.Filled(route.Path), route.Method == "GET" ? null : "[");
                var isPermitted = RouteScopes.Permits($"{route.Method} {route.Path}", [scope]);
                Assert.True(isPermitted == (answer.StatusCode != HttpStatusCode.Forbidden), $"{scope} at {route}: {answer.StatusCode}");
                Assert.NotEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
                Assert.InRange((int)answer.StatusCode, 200, 499);
            }
        }
    }

    [Fact]
    public async Task A_refusal_names_the_missing_scope()
    {
        await using var keyed = new KeyedService();
        var (id, key) = await keyed.Make("events:read metrics");

        using var answer = await keyed.Send(key, HttpMethod.Post, "/api/v1/endpoints/default/disable");

        Assert.Equal("Bearer error=\"insufficient_scope\", scope=\"endpoints:write operate\"", answer.Headers.WwwAuthenticate.ToString());
        await Task.FromResult(answer).IsProblem(
            HttpStatusCode.Forbidden, "The caller lacks a scope.", $"This needs the scope endpoints:write or operate; key:{id} has events:read, metrics.");
    }

    [Fact]
    public async Task No_route_is_open_by_an_oversight()
    {
        await using var keyed = new KeyedService(("environment", "Production"));

        var silent = MappedRoute.EndpointsOf(keyed.Service.Services)
            .Where(static endpoint => endpoint.Metadata.GetMetadata<NeededScopes>() is null or { AnyOf: Scopes.None } && endpoint.Metadata.GetMetadata<Probe>() is null)
            .Select(static endpoint => endpoint.RoutePattern.RawText);
        Assert.Empty(silent);
    }

    [Theory]
    [InlineData("Production", "", HttpStatusCode.Unauthorized)]
    [InlineData("Production", "open", HttpStatusCode.OK)]
    [InlineData("Development", "", HttpStatusCode.OK)]
    public async Task The_docs_are_open_in_Development_and_where_the_settings_say_so(string environment, string docs, HttpStatusCode expected)
    {
        await using var keyed = new KeyedService(("environment", environment), ("DOCS", docs));

        Assert.Equal(expected, await keyed.Service.Status(HttpMethod.Get, "/openapi/v1.json", null));
        Assert.Equal(expected, await keyed.Service.Status(HttpMethod.Get, "/docs/", null));
    }

    [Fact]
    public async Task A_probe_shows_its_status_to_all_and_its_parts_to_those_who_may_read_events()
    {
        await using var keyed = new KeyedService();
        var (_, reader) = await keyed.Make("events:read");
        var (_, writer) = await keyed.Make("events:write");

        foreach (var path in RouteScopes.Open)
        {
            using var answer = await keyed.Service.Http.GetAsync(path, Waiting.Cancellation);
            Assert.Equal("""{"status":"healthy"}""", await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
            Assert.Null((await keyed.Read(writer, path))["checks"]);
            Assert.Equal("healthy", (string?)(await keyed.Read(reader, path))["checks"]!.AsObject().First().Value!["status"]);
        }
    }

    [Fact]
    public async Task A_preflight_of_an_allowed_page_needs_no_credential()
    {
        await using var keyed = new KeyedService(("CORS_ORIGINS", "https://console.example"));

        using var answer = await keyed.Service.Send(
            HttpMethod.Options, ServiceRequests.Endpoints, [], null, "Origin: https://console.example", "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization")
            .WithStatus(HttpStatusCode.NoContent);

        Assert.Equal(["https://console.example"], answer.Headers.GetValues("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task In_Development_no_credential_is_asked_for_until_one_is_configured()
    {
        await using var service = new MiddlewareService();

        Assert.Equal(HttpStatusCode.OK, await service.Status(HttpMethod.Get, "/api/v1/keys", null));
    }
}
