using Tests.Middleware.Http.Contract;

namespace Tests.Middleware.Http;

public class AllowingOrigins
{
    private const string Console = "https://console.example";
    private const string Here = "http://localhost:3000";

    [Fact]
    public async Task Every_route_tells_an_allowed_origin_before_the_request_that_it_may_be_sent()
    {
        await using var service = new MiddlewareService(("CORS_ORIGINS", $"{Console}, {Here}"));

        foreach (var route in MappedRoute.OfTheContract(service.Services))
        {
            foreach (var origin in (string[])[Console, Here])
            {
                using var answer = await Preflight(service, route.Path, route.Method, origin).WithStatus(HttpStatusCode.NoContent);

                Assert.Equal([origin], answer.Headers.GetValues("Access-Control-Allow-Origin"));
                Assert.Contains(route.Method, string.Join(',', answer.Headers.GetValues("Access-Control-Allow-Methods")), StringComparison.Ordinal);
                Assert.Contains("if-match", string.Join(',', answer.Headers.GetValues("Access-Control-Allow-Headers")), StringComparison.OrdinalIgnoreCase);
                Assert.True(answer.Headers.Contains("X-Correlation-ID"));
            }
        }
    }

    [Fact]
    public async Task An_answer_shows_an_allowed_origin_the_headers_it_needs()
    {
        await using var service = new MiddlewareService(("CORS_ORIGINS", Console));

        foreach (var path in (string[])["/api/v1/endpoints/default", "/api/v1/events/none", "/none", "/integrations/events"])
        {
            using var answer = await service.Send(HttpMethod.Get, path, [], null, $"Origin: {Console}");

            Assert.Equal([Console], answer.Headers.GetValues("Access-Control-Allow-Origin"));
            Assert.Superset(
                new HashSet<string> { "ETag", "Location", "Retry-After", "X-Correlation-ID" },
                string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers")).Split(',', StringSplitOptions.TrimEntries).ToHashSet());
            Assert.Contains("Origin", answer.Headers.Vary);
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        }
    }

    [Theory]
    [InlineData("", Console)]
    [InlineData(Console, "https://other.example")]
    [InlineData(Console, "http://console.example")]
    [InlineData(Console, "https://console.example:8443")]
    [InlineData(Console, "https://a.console.example")]
    [InlineData(Console, "null")]
    public async Task Any_other_origin_is_told_nothing(string allowed, string origin)
    {
        await using var service = new MiddlewareService(("CORS_ORIGINS", allowed));

        using var preflight = await Preflight(service, "/api/v1/endpoints", "POST", origin);
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
        using var answer = await service.Send(HttpMethod.Get, "/api/v1/endpoints", [], null, $"Origin: {origin}").WithStatus(HttpStatusCode.OK);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static Task<HttpResponseMessage> Preflight(MiddlewareService service, string path, string method, string origin) => service.Send(
        HttpMethod.Options, path, [], null, $"Origin: {origin}", $"Access-Control-Request-Method: {method}", "Access-Control-Request-Headers: content-type,if-match");
}
