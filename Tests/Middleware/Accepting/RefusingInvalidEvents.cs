using System.Text;

namespace Tests.Middleware.Accepting;

public sealed class RefusingInvalidEvents() : OnAService(MiddlewareService.InMemory())
{
    private const string Body = """{"source":"s","event_type":"t","severity":"low","message":"m","metadata":{}}""";

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    public async Task A_refused_event_leaves_its_connection_to_the_next_one(string body)
    {
        Service.UseKestrel();

        foreach (var (sent, expected) in ((string, HttpStatusCode)[])[(body, HttpStatusCode.BadRequest), (body, HttpStatusCode.BadRequest), (ServiceRequests.Valid, HttpStatusCode.OK)])
        {
            await Service.PostEvent(sent).HasStatus(expected);
        }

        // Kestrel says here that a body was left half read.
        Assert.Empty(Service.Log.Errors);
    }

    [Theory]
    [InlineData("\"source\":\"s\"", "\"x\":1", "source: is required")]
    [InlineData("\"source\":\"s\"", "\"source\":null", "source: is required")]
    [InlineData("\"source\":\"s\"", "\"source\":7", "source: must be a string")]
    [InlineData("\"source\":\"s\"", "\"source\":{\"a\":1}", "source: must be a string")]
    [InlineData("\"source\":\"s\"", "\"source\":\"\"", "source: must not be blank")]
    [InlineData("\"source\":\"s\"", "\"source\":\" \\t\\u00a0\"", "source: must not be blank")]
    [InlineData("\"event_type\":\"t\"", "\"eventType\":\"t\"", "event_type: is required")]
    [InlineData("\"event_type\":\"t\"", "\"event_type\":[\"t\"]", "event_type: must be a string")]
    [InlineData("\"severity\":\"low\"", "\"severity\":true", "severity: must be a string")]
    [InlineData("\"severity\":\"low\"", "\"Severity\":\"low\"", "severity: is required")]
    [InlineData("\"message\":\"m\"", "\"message\":\"\\n\"", "message: must not be blank")]
    [InlineData("\"message\":\"m\"", "\"message\":\"\\ud800\"", "message: has half of a surrogate pair, which is no character")]
    [InlineData("\"message\":\"m\"", "\"message\":\"\\udc00\\ud800\"", "message: has half of a surrogate pair, which is no character")]
    [InlineData("\"metadata\":{}", "\"metadata\":[]", "metadata: must be a JSON object")]
    [InlineData("\"metadata\":{}", "\"metadata\":\"{}\"", "metadata: must be a JSON object")]
    [InlineData("\"metadata\":{}", "\"metadata\":0", "metadata: must be a JSON object")]
    [InlineData("\"metadata\":{}", "\"metadata\":false", "metadata: must be a JSON object")]
    [InlineData("\"metadata\":{}", "\"expires_in\":\"soon\"", "expires_in: must be a duration such as 3s, 500ms or 1m30s, from 1ms to 30d; it is \"soon\"")]
    [InlineData("\"metadata\":{}", "\"expires_in\":\"\\ud800\"", "expires_in: must be a duration such as 3s, 500ms or 1m30s, from 1ms to 30d; it is \"\\ud800\"")]
    [InlineData("\"metadata\":{}", "\"expires_in\":60", "expires_in: must be a duration such as 3s, 500ms or 1m30s, from 1ms to 30d; it is 60")]
    [InlineData("\"metadata\":{}", "\"expires_in\":\"0\"", "expires_in: must be a duration such as 3s, 500ms or 1m30s, from 1ms to 30d; it is \"0\"")]
    [InlineData("\"metadata\":{}", "\"expires_in\":\"30d1ms\"", "expires_in: must be a duration such as 3s, 500ms or 1m30s, from 1ms to 30d; it is \"30d1ms\"")]
    public async Task A_field_that_is_not_valid_is_named(string member, string given, string fault)
    {
        await Service.PostEvent(Body.Replace(member, given, StringComparison.Ordinal)).IsInvalid(fault);

        Assert.Equal(0, Service.Waits);
    }

    [Theory]
    [InlineData("source", 257, 256)]
    [InlineData("event_type", 257, 256)]
    [InlineData("severity", 65, 64)]
    [InlineData("message", 65_537, 65_536)]
    public async Task A_text_that_is_too_long_is_told_its_length(string field, int length, int most)
    {
        var fields = new Dictionary<string, string> { ["source"] = "s", ["event_type"] = "t", ["severity"] = "low", ["message"] = "m" };
        fields[field] = new string('x', length);

        await Service.PostEvent(System.Text.Json.JsonSerializer.Serialize(fields)).IsInvalid($"{field}: must have at most {most} characters, has {length}");
    }

    [Fact]
    public Task All_faults_are_named_at_once() =>
        Service.PostEvent($$"""{"source":7,"event_type":" ","severity":"{{new string('x', 65)}}","metadata":[1]}""").IsInvalid(
            "source: must be a string",
            "event_type: must not be blank",
            "severity: must have at most 64 characters, has 65",
            "message: is required",
            "metadata: must be a JSON object");

    [Fact]
    public async Task The_source_of_the_platform_itself_is_refused_with_all_other_faults()
    {
        await Service.PostEvent("""{"source":"aspire-\u0069ntegration","event_type":"t","severity":"low","message":""}""").IsInvalid(
            "source: \"aspire-integration\" is the platform's own name; expected the name of another system",
            "message: must not be blank");

        Assert.Equal(0, Service.Waits);
    }

    [Fact]
    public Task An_empty_object_lacks_all_that_is_required() =>
        Service.PostEvent("{}").IsInvalid("source: is required", "event_type: is required", "severity: is required", "message: is required");

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"text\"")]
    [InlineData("[{}]")]
    public Task A_body_that_is_no_object_is_refused(string body) => Service.PostEvent(body).IsInvalid("body: must be a JSON object");

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{")]
    [InlineData("not json")]
    [InlineData(Body + "x")]
    [InlineData(Body + Body)]
    [InlineData("{'source':'s'}")]
    [InlineData("""{"source":"s",}""")]
    [InlineData("""{"source":"s" /* why */}""")]
    [InlineData("""{"source":01}""")]
    [InlineData("""{"source":NaN}""")]
    [InlineData("{\"source\":\"a\nb\"}")]
    [InlineData("""{"source":"s","source":"s","event_type":"t","severity":"low","message":"m"}""")]
    [InlineData("""{"source":"s","s\u006furce":"s","event_type":"t","severity":"low","message":"m"}""")]
    [InlineData("""{"source":"s","event_type":"t","severity":"low","message":"m","x":1,"x":1}""")]
    [InlineData("""{"source":"s","event_type":"t","severity":"low","message":"m","metadata":{"a":[{"b":1,"b":1}]}}""")]
    public async Task A_body_that_is_no_strict_JSON_is_refused(string body)
    {
        using var answer = await Service.PostEvent(body).WithStatus(HttpStatusCode.BadRequest);

        Assert.Contains("\"errors\":{\"body\":[\"is not valid JSON: ", await answer.Content.ReadAsStringAsync(Waiting.Cancellation), StringComparison.Ordinal);
        Assert.Equal(0, Service.Waits);
    }

    [Theory]
    [InlineData("\"\\ud800\":1,")]
    [InlineData("\"x\":{\"\\udc00\":1},")]
    [InlineData("\"metadata\":{\"a\":[{\"b\\ud83d\":1}]},")]
    public async Task Half_of_a_surrogate_pair_in_a_name_is_no_server_error(string member)
    {
        using var answer = await Service.PostEvent($$"""{{{member}}"source":"s","event_type":"t","severity":"low","message":"m"}""");

        Assert.InRange((int)answer.StatusCode, 200, 400);
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc0, 0xaf })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    [InlineData(new byte[] { 0xe2, 0x82 })]
    public async Task Bytes_that_are_no_UTF_8_are_refused(byte[] bytes)
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var at = Body.IndexOf("\"m\"", StringComparison.Ordinal) + 1;

        await Service.PostEvent([.. body[..at], .. bytes, .. body[at..]]).IsInvalid("body: is not valid UTF-8");
    }

    [Fact]
    public async Task Nesting_has_a_limit_of_32()
    {
        // The event and its metadata are two levels.
        await Service.PostEvent(Nested(30)).HasStatus(HttpStatusCode.OK);
        await Service.PostEvent(Nested(31)).HasStatus(HttpStatusCode.BadRequest);

        static string Nested(int levels) =>
            Body.Replace("{}", $$"""{"a":{{new string('[', levels)}}{{new string(']', levels)}}}""", StringComparison.Ordinal);
    }
}
