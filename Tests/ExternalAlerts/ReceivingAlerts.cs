namespace Tests.ExternalAlerts;

public sealed class ReceivingAlerts : OnAlerts
{
    private const string Alert =
        """{"event_id":"0190a","correlation_id":"from-body","source":"monitoring","priority":"critical","metadata":{"load":1.50}}""";

    [Fact]
    public async Task An_alert_is_answered_and_shown_as_it_was_received()
    {
        await Service.Post(
                Alert, "X-Correlation-ID: demo-1", "X-Delivery-Attempt: 2", "webhook-id: 0190a", "User-Agent: AspireIntegration/1.0",
                "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Authorization: Bearer secret")
            .IsJson(HttpStatusCode.OK, """{"status":"received","correlation_id":"demo-1","received":1}""");

        Assert.Equal(
            """{"items":[{"received_at":"2026-03-01T12:00:00Z","correlation_id":"demo-1","event_id":"0190a","attempt":2,"headers":"""
            + """{"content-type":"application/json","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","""
            + """ "user-agent":"AspireIntegration/1.0","webhook-id":"0190a"},"alert":""".TrimStart() + Alert + "}]}",
            await Service.Http.GetStringAsync("/external/alerts", Waiting.Cancellation));
    }

    [Theory]
    [InlineData]
    [InlineData("X-Correlation-ID: not fit")]
    public async Task Without_a_header_that_is_a_correlation_id_the_alert_names_it(params string[] headers)
    {
        using var answer = await Service.Post(Alert, headers).WithStatus(HttpStatusCode.OK);

        Assert.Equal(["from-body"], answer.Headers.GetValues("X-Correlation-ID"));
        Answers.SameJson(
            """{"status":"received","correlation_id":"from-body","received":1}""", await answer.Content.ReadAsStringAsync(Waiting.Cancellation));
        Assert.Equal("from-body", (string?)(await Service.Get("/external/alerts"))["items"]![0]!["correlation_id"]);
    }

    [Fact]
    public async Task Without_any_a_correlation_id_is_made()
    {
        using var answer = await Service.Post("""{"event_id":"1","correlation_id":"not fit"}""");

        var made = (string?)(await Service.Get("/external/alerts"))["items"]![0]!["correlation_id"];
        Assert.Matches("^[0-9a-f]{32}$", made);
        Assert.Equal([made], answer.Headers.GetValues("X-Correlation-ID"));
    }

    [Fact]
    public async Task In_a_batch_each_alert_has_its_own_correlation_id_else_the_request_s()
    {
        await Service.Post(
                """[{"event_id":"1","correlation_id":"own"}, {"event_id":"2"}]""", "X-Correlation-ID: batch", "webhook-id: batch-7")
            .IsJson(HttpStatusCode.OK, """{"status":"received","correlation_id":"batch","received":2}""");

        var items = (await Service.Get("/external/alerts"))["items"]!.AsArray();
        Assert.Equal(["2 batch batch-7", "1 own batch-7"], items.Select(item =>
            $"{item!["event_id"]} {item["correlation_id"]} {item["headers"]!["webhook-id"]}"));
        Assert.Equal("""{"event_id":"2"}""", items[0]!["alert"]!.ToJsonString());
    }

    [Fact]
    public async Task An_empty_batch_is_received()
    {
        await Service.Post("[]", "X-Correlation-ID: batch")
            .IsJson(HttpStatusCode.OK, """{"status":"received","correlation_id":"batch","received":0}""");
    }

    [Theory]
    [InlineData("application/cloudevents+json", """{"id":"ce-1","correlationid":"c-1","event_id":"no"}""")]
    [InlineData("application/cloudevents+json; charset=UTF-8", """{"id":"ce-1","correlationid":"c-1"}""")]
    [InlineData("application/cloudevents-batch+json", """[{"id":"ce-1","correlationid":"c-1"}]""")]
    public async Task A_cloud_event_is_known_by_its_id(string contentType, string body)
    {
        await Service.PostAs(contentType, body).IsJson(HttpStatusCode.OK, """{"status":"received","correlation_id":"c-1","received":1}""");

        Assert.Equal("ce-1", (string?)(await Service.Get("/external/alerts"))["items"]![0]!["event_id"]);
    }

    [Fact]
    public async Task The_alert_is_kept_byte_for_byte()
    {
        using var answer = await Service.Post(" { \"event_id\" : \"1\",\t\"n\":1.0e0, \"t\":\"\\u00e9é<\" } \n");

        Assert.Contains(
            "\"alert\":{ \"event_id\" : \"1\",\t\"n\":1.0e0, \"t\":\"\\u00e9é<\" }}",
            await Service.Http.GetStringAsync("/external/alerts", Waiting.Cancellation),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("\"\"")]
    [InlineData("{\"id\":\"1\"}")]
    [InlineData("\"a\\nb\"")]
    [InlineData("\"\\ud800\"")]
    public async Task An_event_id_that_is_not_fit_to_be_logged_counts_as_none(string id)
    {
        await Service.Post($$"""{"event_id":{{id}},"priority":"low"}""").HasStatus(HttpStatusCode.OK);

        Assert.Null((await Service.Get("/external/alerts"))["items"]![0]!["event_id"]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("two")]
    public async Task An_attempt_that_is_no_count_counts_as_none(string attempt)
    {
        using var answer = await Service.Post(Alert, $"X-Delivery-Attempt: {attempt}");

        Assert.Null((await Service.Get("/external/alerts"))["items"]![0]!["attempt"]);
    }
}
