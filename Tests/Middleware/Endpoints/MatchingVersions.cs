using System.Text;

namespace Tests.Middleware.Endpoints;

/// <summary>RFC 9110, 13.1.1: a list, a strong comparison, and a header that is no list of tags.</summary>
public sealed class MatchingVersions : OnAService
{
    private const string Definition = """{"name":"pager","url":"https://pager.example/hook"}""";

    public static TheoryData<string?, HttpStatusCode> IfMatch => new()
    {
        { null, HttpStatusCode.PreconditionRequired },
        { "\"1\"", HttpStatusCode.OK },
        { "*", HttpStatusCode.OK },
        { "\"7\", \"1\"", HttpStatusCode.OK },
        { "W/\"7\",\"x,y\" ,\t\"1\"", HttpStatusCode.OK },
        { ", \"1\",", HttpStatusCode.OK },
        { "\"\"", HttpStatusCode.PreconditionFailed },
        { "\"7\", \"8\"", HttpStatusCode.PreconditionFailed },
        { "W/\"1\"", HttpStatusCode.PreconditionFailed },
        { "\"01\"", HttpStatusCode.PreconditionFailed },
        { "\"some other tag\"", HttpStatusCode.PreconditionFailed },
        { "1", HttpStatusCode.BadRequest },
        { "\"1", HttpStatusCode.BadRequest },
        { "\"1\" \"2\"", HttpStatusCode.BadRequest },
        { "*, \"1\"", HttpStatusCode.BadRequest },
        { ",", HttpStatusCode.BadRequest },
    };

    [Theory]
    [MemberData(nameof(IfMatch))]
    public async Task A_header_is_judged_as_the_standard_has_it(string? ifMatch, HttpStatusCode expected)
    {
        string[] headers = ifMatch is null ? [] : [$"If-Match: {ifMatch}"];
        foreach (var (method, contentType) in new[] { (HttpMethod.Put, "application/json"), (HttpMethod.Patch, "application/merge-patch+json"), (HttpMethod.Delete, null) })
        {
            // Each begins with the first version of an endpoint of its own.
            var path = $"{ServiceRequests.Endpoints}/{(await Service.Create(Definition))["id"]}";
            using var unknown = await Service.Send(method, $"{path}x", contentType is null ? [] : Encoding.UTF8.GetBytes(Definition), contentType, headers);
            Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
            using var answer = await Service.Send(method, path, contentType is null ? [] : Encoding.UTF8.GetBytes(Definition), contentType, headers);

            var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
            Assert.True(answer.StatusCode == (expected == HttpStatusCode.OK && method == HttpMethod.Delete ? HttpStatusCode.NoContent : expected), $"{method}: {answer.StatusCode} {text}");
            Assert.Equal(expected == HttpStatusCode.BadRequest, text.Contains("\"If-Match\":[", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_list_may_come_in_several_lines()
    {
        var path = $"{ServiceRequests.Endpoints}/{(await Service.Create(Definition))["id"]}";

        await Service.Send(HttpMethod.Put, path, Encoding.UTF8.GetBytes(Definition), "application/json", "If-Match: \"7\"", "If-Match: \"1\"").HasStatus(HttpStatusCode.OK);
    }
}
