using Tests.Middleware.Http.Contract;

namespace Tests.Middleware.Http.Browsers;

public class HeadersOfAnswers : OnAService
{
    [Fact]
    public async Task No_browser_guesses_the_type_of_an_answer_of_any_route()
    {
        var paths = MappedRoute.All(Service.Services).Where(static route => route is { Method: "GET", IsStream: false }).Select(static route => route.Path.Split('{')[0]);

        foreach (var path in paths.Append("/none").Append("/integrations/events"))
        {
            using var answer = await Service.Http.GetAsync(path, Waiting.Cancellation);
            Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        }

        foreach (var body in (string[])[ServiceRequests.Valid, "{}", "["])
        {
            using var answer = await Service.PostEvent(body);
            Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/events", HttpStatusCode.OK)]
    [InlineData("GET", "/API/v1/events?limit=x", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/api/v1/events/0198c0de000070008000000000000000", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/none", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/api/v1/events", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", "/api/v1/endpoints", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("POST", "/api/v1/endpoints/default/enable", HttpStatusCode.OK)]
    public async Task Nothing_under_api_is_stored_by_a_browser(string method, string path, HttpStatusCode status)
    {
        using var answer = await Service.Send(new HttpMethod(method), path, [], null).WithStatus(status);

        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task A_failure_has_the_headers_too()
    {
        await Service.Accept();
        File.Delete(Service.DatabasePath);

        using var answer = await Service.Post(ServiceRequests.Endpoints, """{"name":"n","url":"https://example.com/"}""").WithStatus(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(["nosniff"], answer.Headers.GetValues("X-Content-Type-Options"));
        Assert.True(answer.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task No_other_page_shows_the_docs_within_itself()
    {
        foreach (var path in (string[])["/docs", "/docs/"])
        {
            using var page = await Service.Http.GetAsync(path, Waiting.Cancellation);

            Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
            Assert.Equal(["frame-ancestors 'none'"], page.Headers.GetValues("Content-Security-Policy"));
        }
    }
}
