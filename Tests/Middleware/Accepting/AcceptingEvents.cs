using System.Text;
using CsCheck;
using Middleware.Events;

namespace Tests.Middleware.Accepting;

public sealed class AcceptingEvents() : OnAService(MiddlewareService.InMemory())
{
    [Fact]
    public async Task An_event_is_answered_with_its_ids_and_delivered()
    {
        using var answer = await Service.PostEvent(ServiceRequests.Valid, "X-Correlation-ID: order-1").WithStatus(HttpStatusCode.OK);

        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(["order-1"], answer.Headers.GetValues("X-Correlation-ID"));
        var body = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
        Assert.Equal(Encoding.UTF8.GetByteCount(body), answer.Content.Headers.ContentLength);
        Assert.Matches("""^\{"status":"accepted","event_id":"[0-9a-f]{12}7[0-9a-f]{19}","correlation_id":"order-1"\}$""", body);

        var id = (string?)JsonNode.Parse(body)!["event_id"];
        Assert.Equal(
            [
                $$$"""{"event_id":"{{{id}}}","correlation_id":"order-1","source":"tests","event_type":"made","priority":"critical","severity":"critical","message":"a message","metadata":{"a":1},"timestamp":"2026-03-01T12:00:00.0000000Z"}""",
            ],
            await Service.Delivered(1));
    }

    [Fact]
    public async Task A_correlation_id_is_made_when_none_is_given()
    {
        using var answer = await Service.PostEvent(ServiceRequests.Valid, "X-Correlation-ID: not valid");

        var id = answer.Headers.GetValues("X-Correlation-ID").Single();
        Assert.Matches("^[0-9a-f]{32}$", id);
        Assert.Equal(id, (string?)(await answer.Json())["correlation_id"]);
        await Service.Delivered(1);
        Assert.Equal(id, Service.Receiver.Sent.Single().Event.CorrelationId);
    }

    [Fact]
    public async Task Every_event_has_its_own_id()
    {
        await Service.Accept(20);

        await Service.Delivered(20);
        Assert.Equal(20, Service.Receiver.Sent.Select(delivery => delivery.Event.IdText).Distinct().Count());
    }

    [Theory]
    [InlineData("FATAL", "critical")]
    [InlineData("Error", "high")]
    [InlineData("warn", "medium")]
    [InlineData("whatever", "low")]
    public async Task The_severity_gives_the_priority_and_stays_as_it_was(string severity, string priority)
    {
        using var answer = await Service.PostEvent(ServiceRequests.Valid.Replace("\"critical\"", $"\"{severity}\"", StringComparison.Ordinal));

        Assert.Contains($"\"priority\":\"{priority}\",\"severity\":\"{severity}\"", (await Service.Delivered(1))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"metadata\":null")]
    [InlineData(",\"metadata\":{}")]
    public async Task Without_metadata_receivers_get_an_empty_object(string metadata)
    {
        await Service.PostEvent($$"""{"source":"s","event_type":"t","severity":"low","message":"m"{{metadata}}}""").HasStatus(HttpStatusCode.OK);

        Assert.Contains(",\"metadata\":{},", (await Service.Delivered(1))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "n" : 12345678901234567890.10e-5 , "deep":[[{"x":[null,true]}]] }""")]
    [InlineData("""{"\u0061":"\u00e9é\ud83d\ude00😀\/","half":"\ud800","empty":""}""")]
    [InlineData("{\"lines\":\r\n\t[1,\n2]}")]
    [InlineData("""{"huge":1e999999,"minus":-0}""")]
    public async Task Metadata_is_kept_exactly(string metadata)
    {
        await Service.PostEvent($$"""{"metadata":{{metadata}},"source":"s","event_type":"t","severity":"low","message":"m"}""").HasStatus(HttpStatusCode.OK);

        Assert.Contains($",\"metadata\":{metadata},\"timestamp\"", (await Service.Delivered(1))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_that_are_not_known_are_ignored()
    {
        using var answer = await Service.PostEvent("""{"event_id":"mine","Source":7,"source":"s","event_type":"t","severity":"low","message":"m","x":{"y":[]}}""");

        var payload = JsonNode.Parse((await Service.Delivered(1))[0])!.AsObject();
        Assert.Equal("s", (string?)payload["source"]);
        Assert.NotEqual("mine", (string?)payload["event_id"]);
        Assert.Equal(9, payload.Count);
    }

    [Fact]
    public async Task The_longest_texts_are_accepted()
    {
        var (name, severity, message) = (new string('n', 256), new string('s', 64), new string('é', 65_536));

        await Service.PostEvent($$"""{"source":"{{name}}","event_type":"{{name}}","severity":"{{severity}}","message":"{{message}}"}""").HasStatus(HttpStatusCode.OK);

        Assert.Equal(message, (string?)JsonNode.Parse((await Service.Delivered(1))[0])!["message"]);
    }

    [Fact]
    public async Task The_caller_s_trace_goes_on()
    {
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using var given = await Service.PostEvent(ServiceRequests.Valid, "traceparent: " + TraceParent);
        using var invalid = await Service.PostEvent(ServiceRequests.Valid, "traceparent: nonsense");
        await Service.Delivered(2);

        Assert.Equal([TraceParent, null], Service.Receiver.Sent.Select(delivery => delivery.Event.TraceParent));
    }

    [Fact]
    public async Task Without_an_endpoint_an_event_is_accepted_and_owed_to_none()
    {
        await using var service = MiddlewareService.InMemory(("EXTERNAL_ENDPOINT_URL", ""));

        await service.PostEvent(ServiceRequests.Valid).HasStatus(HttpStatusCode.OK);

        Assert.Equal(0, service.Waits);
    }

    [Fact]
    public async Task Accepting_and_delivering_are_a_line_each_without_the_payload()
    {
        using var answer = await Service.PostEvent(ServiceRequests.Valid, "X-Correlation-ID: order-1");
        await Service.Delivered(1);
        await Waiting.Until(() => Service.Log.Of("event delivered").Any());

        var accepted = Assert.Single(Service.Log.Of("event accepted")).Values;
        var delivered = Assert.Single(Service.Log.Of("event delivered")).Values;
        Assert.Equal(("order-1", "tests", "made", "critical", 1), (accepted["correlationId"], accepted["source"], accepted["eventType"], accepted["priority"], accepted["endpoints"]));
        Assert.Equal(("order-1", accepted["eventId"], "default", 1, 200), (delivered["correlationId"], delivered["eventId"], delivered["endpoint"], delivered["attempts"], delivered["statusCode"]));
        Assert.DoesNotContain(Service.Log.All, line => line.Message.Contains("a message", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_valid_event_is_accepted_and_delivered_as_it_was()
    {
        var ids = 0;
        var text = Gen.Char[' ', '\uD7FF'].Array[1, 64].Select(characters => new string(characters)).Where(given => !string.IsNullOrWhiteSpace(given));

        await Gen.Select(text, text, text, text, Gen.Dictionary(text, text)).SampleAsync(async (source, type, severity, message, metadata) =>
        {
            var sent = new JsonObject { ["source"] = source, ["event_type"] = type, ["severity"] = severity, ["message"] = message };
            sent["metadata"] = new JsonObject(metadata.Select(member => KeyValuePair.Create(member.Key, (JsonNode?)JsonValue.Create(member.Value))));
            var id = Interlocked.Increment(ref ids).ToString(System.Globalization.CultureInfo.InvariantCulture);

            await Service.PostEvent(sent.ToJsonString(), "X-Correlation-ID: " + id).HasStatus(HttpStatusCode.OK);
            Delivery? delivery = null;
            await Waiting.Until(() => (delivery = Service.Receiver.Sent.FirstOrDefault(given => given.Event.CorrelationId == id)) is not null);

            var payload = JsonNode.Parse(delivery!.Event.Payload.Span)!.AsObject();
            Assert.All(sent, member => Assert.Equal(member.Value?.ToJsonString(), payload[member.Key]?.ToJsonString()));
        });
    }
}
