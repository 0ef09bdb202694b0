using Microsoft.AspNetCore.Http;
using Middleware.Http;

namespace Tests.Middleware.Http.Browsers;

public sealed class RefusingForeignPages() : OnAService(new MiddlewareService(("CORS_ORIGINS", Console)))
{
    private const string Own = "http://localhost";
    private const string Console = "https://console.example";
    private const string Foreign = "https://evil.example";

    /// <summary>The headers by which a browser gives a page of another origin away.</summary>
    public static TheoryData<string, string> Foreigners => new()
    {
        { $"Origin: {Foreign}", "" },
        { "Origin: null", "" },
        { "Origin: http://localhost:3000", "" },
        { "Origin: https://localhost", "" },
        { "Origin: http://a.localhost", "" },
        { "Origin: http://localhost/", "" },
        { "Origin: http://console.example", "" },
        { "Origin: https://a.console.example", "" },
        { $"Origin: {Console}, {Foreign}", "" },
        { $"Origin: {Foreign}", "Sec-Fetch-Site: same-origin" },
        { $"Origin: {Own}", "Sec-Fetch-Site: cross-site" },
        { "", "Sec-Fetch-Site: cross-site" },
        { "", "Sec-Fetch-Site: same-site" },
        { "", "Sec-Fetch-Site: anything" },
    };

    /// <summary>The headers of other pages and of programs.</summary>
    public static TheoryData<string, string> Trusted => new()
    {
        { "", "" },
        { $"Origin: {Own}", "" },
        { $"Origin: {Own}", "Sec-Fetch-Site: same-origin" },
        { "", "Sec-Fetch-Site: same-origin" },
        { "", "Sec-Fetch-Site: none" },
        { $"Origin: {Console}", "" },
        { $"Origin: {Console}", "Sec-Fetch-Site: cross-site" },
    };

    [Theory]
    [MemberData(nameof(Foreigners))]
    public async Task Every_route_refuses_a_state_change_by_a_page_of_another_origin(string origin, string site)
    {
        foreach (var change in StateChange.All(Service.Services))
        {
            using var answer = await Send(change, change.MediaType, origin, site);

            Assert.True(HttpStatusCode.Forbidden == answer.StatusCode, $"{change}: {answer.StatusCode}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }

        await Service.PostEvent(ServiceRequests.Valid, Given(origin, site)).HasStatus(HttpStatusCode.Forbidden);
        Assert.Empty((await Service.Get("/api/v1/events"))["items"]!.AsArray());
    }

    [Theory]
    [MemberData(nameof(Trusted))]
    public async Task Every_route_takes_a_state_change_by_its_own_page_an_allowed_page_and_a_program(string origin, string site)
    {
        foreach (var change in StateChange.All(Service.Services))
        {
            using var answer = await Send(change, change.MediaType, origin, site);

            Assert.True(answer.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.UnsupportedMediaType), $"{change}: {answer.StatusCode}");
        }

        await Service.PostEvent(ServiceRequests.Valid, Given(origin, site)).HasStatus(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text/plain")]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task Every_route_refuses_a_body_that_does_not_say_that_it_is_JSON(string? contentType)
    {
        foreach (var change in StateChange.All(Service.Services))
        {
            using var answer = await Send(change, contentType);

            Assert.True(HttpStatusCode.UnsupportedMediaType == answer.StatusCode, $"{change}: {answer.StatusCode}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    [Theory]
    [MemberData(nameof(Foreigners))]
    public async Task A_page_of_another_origin_may_ask_for_what_it_cannot_read(string origin, string site)
    {
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Head])
        {
            await Service.Send(method, "/api/v1/events", [], null, Given(origin, site)).HasStatus(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task The_refusal_names_the_headers_and_the_origins_that_are_accepted()
    {
        await Service.PostEvent(ServiceRequests.Valid, $"Origin: {Foreign}", "Sec-Fetch-Site: cross-site").IsProblem(
            HttpStatusCode.Forbidden,
            "The request comes from a page of another origin.",
            $"Origin is \"{Foreign}\" and Sec-Fetch-Site is \"cross-site\"; expected the origin of this service, http://localhost, or one of CORS_ORIGINS.");
        await Service.PostEvent(ServiceRequests.Valid, "Sec-Fetch-Site: same-site").IsFault(
            HttpStatusCode.Forbidden, "Sec-Fetch-Site is \"same-site\"; expected the origin of this service, http://localhost, or one of CORS_ORIGINS.");
    }

    [Theory]
    [InlineData("http://hooks.example", "hooks.example", true)]
    [InlineData("http://hooks.example", "hooks.example:80", true)]
    [InlineData("http://hooks.example", "HOOKS.example", true)]
    [InlineData("http://hooks.example:8080", "hooks.example:8080", true)]
    [InlineData("http://[::1]:8080", "[::1]:8080", true)]
    [InlineData("http://hooks.example", "hooks.example:8080", false)]
    [InlineData("http://hooks.example:8080", "hooks.example", false)]
    [InlineData("http://hooks.example:8080", "hooks.example:8081", false)]
    [InlineData("http://hooks.example", "a.hooks.example", false)]
    public async Task The_own_origin_is_that_of_the_host_and_its_port(string origin, string host, bool isOwn)
    {
        await using var service = new MiddlewareService(("ALLOWED_HOSTS", "*"));

        await service.PostEvent(ServiceRequests.Valid, $"Origin: {origin}", $"Host: {host}").HasStatus(isOwn ? HttpStatusCode.OK : HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_page_of_the_port_on_which_the_service_listens_is_its_own_and_one_of_another_port_is_not()
    {
        await using var service = MiddlewareService.OnKestrel();
        var own = service.Http.BaseAddress!;

        await service.PostEvent(ServiceRequests.Valid, $"Origin: http://{own.Authority}", "Sec-Fetch-Site: same-origin").HasStatus(HttpStatusCode.OK);
        await service.PostEvent(ServiceRequests.Valid, $"Origin: http://{own.Host}:1", "Sec-Fetch-Site: same-site").HasStatus(HttpStatusCode.Forbidden);
    }

    [Fact]
    public void A_program_s_request_costs_no_allocation()
    {
        var request = new DefaultHttpContext().Request;
        (request.Method, request.Scheme, request.Host) = ("POST", "http", new HostString("localhost"));
        string[] allowed = [Console];
        Assert.False(CrossOrigin.IsForeign(request, allowed));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var number = 0; number < 1_000; number++)
        {
            CrossOrigin.IsForeign(request, allowed);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private Task<HttpResponseMessage> Send(StateChange change, string? contentType, params string[] headers) =>
        Service.Send(change.Method, change.Path, "{}"u8.ToArray(), contentType, [.. Given(headers), "If-Match: *"]);

    private static string[] Given(params string[] headers) => [.. headers.Where(static header => header.Length > 0)];
}
