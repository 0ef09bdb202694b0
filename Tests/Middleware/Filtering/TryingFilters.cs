namespace Tests.Middleware.Filtering;

public sealed class TryingFilters() : OnAService(MiddlewareService.InMemory())
{
    private const string Event =
        """{"source":"billing","event_type":"server_down","severity":"error","message":"m","metadata":{"Region":"eu"}}""";

    private const string UnknownInFilter = "is not known; expected one of event_types, sources, min_priority, expression";
    private const string PatternWanted = "must not be blank; expected a name such as server_down, or a pattern such as server_*";

    [Theory]
    [InlineData("{}", """{"matches":true,"parts":{"event_types":true,"sources":true,"min_priority":true,"expression":true},"error":null}""")]
    [InlineData(
        """{"event_types":["server_*"],"sources":["x","billing"],"min_priority":"high","expression":"region = 'eu' AND correlationid = 'try-1'"}""",
        """{"matches":true,"parts":{"event_types":true,"sources":true,"min_priority":true,"expression":true},"error":null}""")]
    [InlineData(
        """{"event_types":["x"],"sources":["y"],"min_priority":"critical","expression":"priority = 'low'"}""",
        """{"matches":false,"parts":{"event_types":false,"sources":false,"min_priority":false,"expression":false},"error":null}""")]
    [InlineData(
        """{"event_types":[],"sources":null,"min_priority":null,"expression":"1 = 1 AND zone = 7"}""",
        """{"matches":false,"parts":{"event_types":true,"sources":true,"min_priority":true,"expression":false},"error":{"kind":"missing_attribute","position":10,"reason":"the event has no attribute zone"}}""")]
    public async Task Each_part_is_told_and_what_is_wrong_with_the_expression(string filter, string result)
    {
        var told = await Try(Service, $$"""{"filter":{{filter}},"event":{{Event}}}""").Json(HttpStatusCode.OK);

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(result), told), told.ToJsonString());
        Assert.Empty(Service.Receiver.Sent);
    }

    [Fact]
    public async Task A_filter_is_tried_on_an_event_of_the_platform_itself()
    {
        var told = await Try(
            Service, $$"""{"filter":{"sources":["aspire-integration"]},"event":{{Event.Replace("billing", "aspire-integration", StringComparison.Ordinal)}}}""").Json(HttpStatusCode.OK);

        Assert.True((bool)told["matches"]!);
    }

    [Fact]
    public async Task One_that_costs_too_much_says_so()
    {
        var large = Event.Replace("\"Region\":\"eu\"", $"\"text\":\"{new string('a', 200_000)}\"", StringComparison.Ordinal);

        var told = await Try(Service, $$"""{"filter":{"expression":"text NOT LIKE '%a_{{new string('a', 4_000)}}b%'"},"event":{{large}} }""").Json(HttpStatusCode.OK);

        Assert.False((bool)told["matches"]!);
        Assert.Equal(("too_costly", 0), ((string?)told["error"]!["kind"], (int)told["error"]!["position"]!));
    }

    [Fact]
    public async Task All_faults_of_filter_and_event_are_named_at_once()
    {
        await Try(Service, """{"filter":{"event_types":["a",7," "],"sources":"s","min_priority":"urgent","expression":"type = = 'a'","types":[],"a\"b":1},"event":{"source":7,"metadata":[]},"x":1}""").IsInvalidRequest(
            "event.event_type: is required",
            "event.message: is required",
            "event.metadata: must be a JSON object",
            "event.severity: is required",
            "event.source: must be a string",
            "filter.a\"b: " + UnknownInFilter,
            "filter.event_types[1]: must be a string",
            "filter.event_types[2]: " + PatternWanted,
            "filter.expression: at character 7: expected a value, found =",
            "filter.min_priority: \"urgent\" is not a known value; expected one of critical, high, medium, low",
            "filter.sources: must be an array of strings",
            "filter.types: " + UnknownInFilter,
            "x: is not known; expected one of filter, event");
    }

    [Theory]
    [InlineData("{}", "filter: is required; {} takes everything", "event: is required, as it would be sent to /integrations/events")]
    [InlineData("""{"filter":null,"event":null}""", "filter: is required; {} takes everything", "event: is required, as it would be sent to /integrations/events")]
    [InlineData("""{"filter":[],"event":"e"}""", "filter: must be a JSON object; {} takes everything", "event: must be a JSON object")]
    [InlineData($$"""{"filter":{"event_types":{},"min_priority":3,"expression":["x"]},"event":{{Event}}}""", "filter.event_types: must be an array of strings", "filter.expression: must be a string", "filter.min_priority: must be a string")]
    [InlineData($$"""{"filter":{"sources":["\ud800",null]},"event":{{Event}}}""", "filter.sources[0]: has half of a surrogate pair, which is no character", "filter.sources[1]: must be a string")]
    [InlineData("[]", "body: must be a JSON object")]
    [InlineData("null", "body: must be a JSON object")]
    public Task What_is_not_valid_is_named(string body, params string[] faults) => Try(Service, body).IsInvalidRequest(faults);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"filter":{},"filter":{},"event":{}}""")]
    [InlineData("""{"filter":{"sources":[],"sources":[]},"event":{}}""")]
    [InlineData("""{"filter":{"\ud800":1},"event":{}}""")]
    public Task What_is_no_strict_JSON_is_refused(string body) => Try(Service, body).IsProblem(HttpStatusCode.BadRequest, "The request is not valid.", detail: null);

    [Fact]
    public async Task Long_lists_are_refused_as_a_whole()
    {
        var sources = string.Join(',', Enumerable.Repeat("7", 51));

        await Try(Service, $$"""{"filter":{"sources":[{{sources}}]},"event":{{Event}}}""")
            .IsInvalidRequest("filter.sources: has 51 patterns; expected at most 50 of at most 256 characters");
    }

    [Fact]
    public async Task A_filter_may_have_64_KiB_beside_the_largest_event()
    {
        await using var service = MiddlewareService.InMemory(("MAX_EVENT_BYTES", "2048"));
        var largest = Event.Replace("\"m\"", $"\"{new string('m', 2_048 - Event.Length + 1)}\"", StringComparison.Ordinal);

        await Try(service, $$"""{"filter":{},"event":{{largest}}}""").HasStatus(HttpStatusCode.OK);
        await Try(service, $$"""{"filter":{},"event":{{largest.Replace(",", ", ", StringComparison.Ordinal)}}}""").IsInvalidRequest("event: is larger than 2048 bytes (MAX_EVENT_BYTES)");
        await Try(service, new string(' ', 67_585)).IsProblem(
            HttpStatusCode.RequestEntityTooLarge, "The request is too large.", "The body is larger than 67584 bytes (MAX_EVENT_BYTES and 64 KiB).");
    }

    private static Task<HttpResponseMessage> Try(MiddlewareService service, string body) => service.Post("/api/v1/filters/test", body, "X-Correlation-ID: try-1");
}
