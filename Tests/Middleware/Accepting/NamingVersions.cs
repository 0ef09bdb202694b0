using System.Text;

namespace Tests.Middleware.Accepting;

public sealed class NamingVersions : OnAService
{
    private const string Path = "/integrations/events";
    private const string Event = """{"source":"s","event_type":"t","severity":"low","message":"m"}""";

    [Theory]
    [InlineData(Path)]
    [InlineData(Path, "api-version: 1")]
    [InlineData(Path, "api-version: 1.0")]
    [InlineData("/v1" + Path)]
    [InlineData("/v1.0" + Path)]
    [InlineData("/v1" + Path, "api-version: 1")]
    public async Task Version_1_answers_200_and_is_meant_where_none_is_named(string path, params string[] headers)
    {
        using var answer = await Service.Post(path, Event, headers).WithStatus(HttpStatusCode.OK);

        Assert.Null(answer.Headers.Location);
        Assert.Matches("""^\{"status":"accepted","event_id":"[0-9a-f]{32}","correlation_id":"[0-9a-f]{32}"\}$""", await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
    }

    [Theory]
    [InlineData(Path, "api-version: 2")]
    [InlineData(Path, "api-version: 2.0")]
    [InlineData(Path, "API-Version: 2.0")]
    [InlineData("/v2" + Path)]
    [InlineData("/v2.0" + Path)]
    [InlineData("/v2" + Path, "api-version: 2.0")]
    public async Task Version_2_answers_202_with_where_the_event_is(string path, params string[] headers)
    {
        using var answer = await Service.Post(path, Event, headers).WithStatus(HttpStatusCode.Accepted);
        var body = await answer.Json();

        Assert.Equal("accepted", (string?)body["status"]);
        Assert.Equal($"/api/v1/events/{body["event_id"]}", answer.Headers.Location?.OriginalString);
        var found = await Service.Get(answer.Headers.Location!.OriginalString);
        Assert.Equal((string?)body["correlation_id"], (string?)found["correlation_id"]);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, Path)]
    [InlineData(HttpStatusCode.OK, Path, "api-version: 1.0")]
    [InlineData(HttpStatusCode.OK, "/v1" + Path)]
    [InlineData(HttpStatusCode.Accepted, Path, "api-version: 2.0")]
    [InlineData(HttpStatusCode.Accepted, "/v2" + Path)]
    public async Task A_batch_is_answered_202_without_a_location_by_version_2(HttpStatusCode expected, string path, params string[] headers)
    {
        using var answer = await Service.Post(path.Replace(Path, Path + "/batch", StringComparison.Ordinal), $"[{Event},{{}}]", headers).WithStatus(expected);
        var body = await answer.Json();

        Assert.Null(answer.Headers.Location);
        Assert.Equal((1, 1), ((int)body["accepted"]!, (int)body["rejected"]!));
    }

    [Theory]
    [InlineData("\"9\"", Path, "api-version: 9")]
    [InlineData("\"2.1\"", Path, "api-version: 2.1")]
    [InlineData("\"0\"", Path, "api-version: 0")]
    [InlineData("\"two\"", Path, "api-version: two")]
    [InlineData("\"v2\"", Path, "api-version: v2")]
    [InlineData("\"2\" and \"1\"", Path, "api-version: 2", "api-version: 1")]
    [InlineData("\"9\"", "/v9" + Path)]
    [InlineData("\"two\"", "/vtwo" + Path)]
    [InlineData("\"2\" and \"1\"", "/v2" + Path, "api-version: 1")]
    [InlineData("\"9\"", Path + "/batch", "api-version: 9")]
    [InlineData("\"9\"", "/v9" + Path + "/batch")]
    public async Task A_version_there_is_not_is_a_problem_that_names_those_there_are(string named, string path, params string[] headers)
    {
        var problem = await Service.Post(path, path.EndsWith("batch", StringComparison.Ordinal) ? $"[{Event}]" : Event, headers)
            .IsProblem(HttpStatusCode.BadRequest, "The version is not supported.", detail: null);

        Assert.Equal(
            $"{named} is not a version; expected 1.0 or 2.0, once: in the header api-version, or before the path as in /v2/integrations/events. Without it is version 1.0",
            (string?)problem["errors"]!["api-version"]![0]);
        Assert.Empty((await Service.Get("/api/v1/events"))["items"]!.AsArray());
    }

    [Theory]
    [InlineData(Path)]
    [InlineData(Path, "api-version: 2")]
    [InlineData(Path, "api-version: 9")]
    [InlineData(Path + "/batch")]
    [InlineData(Path + "/batch", "api-version: 2")]
    [InlineData("/v1" + Path)]
    [InlineData("/v9" + Path)]
    public async Task Every_answer_tells_which_versions_there_are_and_none_is_deprecated(string path, params string[] headers)
    {
        foreach (var body in (string[])[Event, $"[{Event}]", "no JSON"])
        {
            using var answer = await Service.Send(HttpMethod.Post, path, Encoding.UTF8.GetBytes(body), "application/json", headers);
            Assert.Equal("1.0, 2.0", Assert.Single(answer.Headers.GetValues("api-supported-versions")));
            Assert.False(answer.Headers.Contains("Deprecation") || answer.Headers.Contains("Sunset") || answer.Headers.Contains("Link"));
        }
    }

    [Theory]
    [InlineData(Path, "api-version: 2")]
    [InlineData("/v2" + Path)]
    public Task Another_method_is_refused_as_in_version_1(string path, params string[] headers) =>
        Service.Send(HttpMethod.Put, path, [], null, headers).IsProblem(HttpStatusCode.MethodNotAllowed, "Method Not Allowed", detail: null);

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v2")]
    public async Task What_is_no_event_is_refused_alike_in_each_version(string version)
    {
        await Service.Post(version + Path, "{}").IsInvalid("source: is required", "event_type: is required", "severity: is required", "message: is required");
        await Service.Send(HttpMethod.Post, version + Path, Encoding.UTF8.GetBytes(Event), "text/plain").HasStatus(HttpStatusCode.UnsupportedMediaType);
        Assert.Equal(0, Service.Waits);
    }
}
