using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ServiceDefaults;

namespace Tests.ServiceDefaults;

public class ProblemsTests
{
    [Fact]
    public async Task A_defect_is_a_problem_that_shows_nothing_of_it_and_one_line_with_the_correlation_id()
    {
        await using var host = await Start();

        var problem = await ProblemOf(host, HttpMethod.Get, "/throws", HttpStatusCode.InternalServerError);

        Assert.DoesNotContain("it broke", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperation", problem.ToJsonString(), StringComparison.Ordinal);
        var line = Assert.Single(host.Log.Errors);
        Assert.Equal(("request failed", "it broke"), (line.Message, line.Exception?.Message));
        Assert.Equal(("c-1", "GET", "/throws"), (line.Values["correlationId"], line.Values["method"], line.Values["path"]?.ToString()));
    }

    [Fact]
    public async Task A_bad_request_that_is_thrown_has_its_status_and_is_no_error_of_ours()
    {
        await using var host = await Start();

        await ProblemOf(host, HttpMethod.Get, "/throws-bad", HttpStatusCode.RequestEntityTooLarge);

        Assert.Empty(host.Log.Errors);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9")]
    [InlineData("text/plain")]
    [InlineData("image/*")]
    [InlineData("application/json;q=0, text/csv")]
    [InlineData("no media type at all")]
    public async Task Errors_are_problems_whatever_is_accepted(string? accept)
    {
        await using var host = await Start();

        Assert.Equal("Not Found", (string?)(await ProblemOf(host, HttpMethod.Get, "/nowhere", HttpStatusCode.NotFound, accept))["title"]);
        await ProblemOf(host, HttpMethod.Delete, "/throws", HttpStatusCode.MethodNotAllowed, accept);
        await ProblemOf(host, HttpMethod.Get, "/throws", HttpStatusCode.InternalServerError, accept);
        await ProblemOf(host, HttpMethod.Get, "/throws-bad", HttpStatusCode.RequestEntityTooLarge, accept);
        await ProblemOf(host, HttpMethod.Get, "/no-body", HttpStatusCode.UnsupportedMediaType, accept);
        Assert.Equal("x", (string?)(await ProblemOf(host, HttpMethod.Get, "/problem", HttpStatusCode.ServiceUnavailable, accept))["detail"]);
        Assert.Equal("y", (string?)(await ProblemOf(host, HttpMethod.Get, "/invalid", HttpStatusCode.BadRequest, accept))["errors"]!["x"]![0]);
    }

    private static Task<DefaultsHost> Start() => DefaultsHost.Start(app =>
    {
        app.MapGet("/no-body", () => TypedResults.StatusCode(415));
        app.MapGet("/problem", () => TypedResults.Problem("x", statusCode: 503));
        app.MapGet("/invalid", () => TypedResults.ValidationProblem(new Dictionary<string, string[]> { ["x"] = ["y"] }));
        app.MapGet("/throws", string () => throw new InvalidOperationException("it broke"));
        app.MapGet("/throws-bad", string () => throw new BadHttpRequestException("too large", 413));
    });

    private static async Task<JsonNode> ProblemOf(DefaultsHost host, HttpMethod method, string path, HttpStatusCode status, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { Correlation.Header, "c-1" } } };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using var answer = await host.Http.SendAsync(request, Waiting.Cancellation).WithStatus(status);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);

        var problem = (await answer.Content.ReadFromJsonAsync<JsonNode>(Waiting.Cancellation))!;
        Assert.Equal((int)status, (int)problem["status"]!);
        Assert.Equal("c-1", (string?)problem["correlation_id"]);
        Assert.Null(problem["traceId"]);
        return problem;
    }
}
