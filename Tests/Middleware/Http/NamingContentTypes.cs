using System.Text;

namespace Tests.Middleware.Http;

public sealed class NamingContentTypes : OnAService
{
    private const string Json = "application/json";
    private const string Definition = """{"name":"pager","url":"https://pager.example/hook"}""";
    private const string Filter = """{"filter":{},"event":{"source":"s","event_type":"t","severity":"low","message":"m"}}""";

    /// <summary>Each route that takes JSON: its content type, a body, and the header that names the type when another is given.</summary>
    public static TheoryData<string, string, string, string, string> Routes => new()
    {
        { "POST", "/api/v1/endpoints", Json, Definition, "Accept-Post" },
        { "PUT", "/api/v1/endpoints/{endpoint}", Json, Definition, "Accept" },
        { "PATCH", "/api/v1/endpoints/{endpoint}", "application/merge-patch+json", Definition, "Accept-Patch" },
        { "POST", "/api/v1/filters/test", Json, Filter, "Accept-Post" },
        { "POST", "/api/v1/replays", Json, """{"of":"events","filter":{}}""", "Accept-Post" },
        { "POST", "/api/v1/events/{event}/replay", Json, "{}", "Accept-Post" },
        { "POST", "/api/v1/dead-letters/{event}.default/replay", Json, "{}", "Accept-Post" },
        { "POST", "/api/v1/endpoints/{endpoint}/rotate-secret", Json, "{}", "Accept-Post" },
        { "POST", "/api/v1/endpoints/{endpoint}/enable", Json, "{}", "Accept-Post" },
        { "POST", "/api/v1/endpoints/{endpoint}/disable", Json, "{}", "Accept-Post" },
        { "POST", "/api/v1/endpoints/{endpoint}/test", Json, "{}", "Accept-Post" },
        { "POST", "/integrations/events", Json, ServiceRequests.Event("s"), "Accept-Post" },
        { "POST", "/integrations/events/batch", Json, $"[{ServiceRequests.Event("s")}]", "Accept-Post" },
        { "POST", "/v2/integrations/events", Json, ServiceRequests.Event("s"), "Accept-Post" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Another_content_type_and_a_missing_one_are_refused_with_what_is_accepted(string method, string path, string accepted, string body, string header)
    {
        path = await Filled(path);
        foreach (var other in new[] { null, "", "text/plain", "application/xml", "application/jsonx", $"{accepted}; charset=utf-16", "application/problem+json", "application/x-www-form-urlencoded" })
        {
            using var answer = await Send(method, path, body, other);
            var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);

            Assert.True(HttpStatusCode.UnsupportedMediaType == answer.StatusCode, $"{other}: {answer.StatusCode} {text}");
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            Assert.StartsWith(accepted, answer.Headers.TryGetValues(header, out var named) ? string.Join(", ", named) : "none", StringComparison.Ordinal);
            Assert.Contains(accepted, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task The_content_type_may_name_UTF_8_in_any_way(string method, string path, string accepted, string body, string header)
    {
        foreach (var type in new[] { accepted, accepted.ToUpperInvariant(), $"{accepted};charset=utf-8", $"{accepted}; charset=\"UTF-8\"", $"{accepted}; charset=utf8", $"{accepted}; charset=\"UTF8\"", $"{accepted}; v=1" })
        {
            using var answer = await Send(method, await Filled(path), body, type);

            Assert.True(answer.IsSuccessStatusCode, $"{type}: {answer.StatusCode}, not {header}");
        }
    }

    [Theory]
    [InlineData("/api/v1/events/{event}/replay")]
    [InlineData("/api/v1/dead-letters/{event}.default/replay")]
    [InlineData("/api/v1/endpoints/{endpoint}/rotate-secret")]
    public async Task No_body_needs_no_content_type_and_null_is_none(string path)
    {
        using var none = await Service.Http.SendAsync(new HttpRequestMessage(HttpMethod.Post, await Filled(path)), Waiting.Cancellation);
        Assert.True(none.IsSuccessStatusCode, $"{none.StatusCode}");
        using var empty = await Send("POST", await Filled(path), "", "application/x-www-form-urlencoded");
        Assert.True(empty.IsSuccessStatusCode, $"{empty.StatusCode}");
        using var isNull = await Send("POST", await Filled(path), "null", Json);
        Assert.True(isNull.IsSuccessStatusCode, $"{isNull.StatusCode}");
    }

    [Fact]
    public async Task A_route_that_takes_nothing_refuses_what_would_do_nothing()
    {
        var refused = await Service.Ask(HttpMethod.Post, await Filled("/api/v1/endpoints/{endpoint}/rotate-secret"), HttpStatusCode.BadRequest, """{"secret":"whsec_x"}""");

        Assert.StartsWith("is not known", (string?)refused["errors"]!["secret"]![0], StringComparison.Ordinal);
    }

    private async Task<string> Filled(string path)
    {
        if (path.Contains("{endpoint}", StringComparison.Ordinal))
        {
            path = path.Replace("{endpoint}", (string?)(await Service.Create(Definition))["id"], StringComparison.Ordinal);
        }

        // A dead letter of the built-in endpoint.
        return path.Contains("{event}", StringComparison.Ordinal) ? path.Replace("{event}", await Service.AcceptAnswered(400), StringComparison.Ordinal) : path;
    }

    private Task<HttpResponseMessage> Send(string method, string path, string body, string? contentType) =>
        Service.Send(new HttpMethod(method), path, Encoding.UTF8.GetBytes(body), contentType, "If-Match: *");
}
