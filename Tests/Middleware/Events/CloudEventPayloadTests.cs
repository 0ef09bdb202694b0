using System.Text;
using Middleware.Events;

namespace Tests.Middleware.Events;

public class CloudEventPayloadTests
{
    [Fact]
    public void An_event_is_a_cloud_event_of_which_the_data_is_what_the_source_said()
    {
        var delivered = Event("monitoring-system", "server_down", """{"server_id":"prod-web-01","n":1.50e1,"deep":{"a":[1, {"b":null}]}}""") with
        {
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };

        Assert.Equal(
            $$$$$"""{"specversion":"1.0","id":"{{{{{delivered.IdText}}}}}","source":"monitoring-system","type":"server_down","datacontenttype":"application/json","priority":"critical","correlationid":"c-1","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","severity":"FATAL","time":"2026-03-01T12:00:00.0000000Z","data":{"message":"tab\there \u00e9 é","metadata":{"server_id":"prod-web-01","n":1.50e1,"deep":{"a":[1, {"b":null}]}}}}""",
            Encoding.UTF8.GetString(CloudEventPayload.Write(delivered)));
    }

    [Fact]
    public void An_event_that_expires_says_when_by_the_extension_for_it() =>
        Assert.Equal("2026-03-01T12:01:30Z", (string?)Written(Event("s", "t", "{}") with { ExpiresAt = TestClock.Noon + TimeSpan.FromSeconds(90) })["expirytime"]);

    [Fact]
    public void A_source_is_a_uri_reference() => Assert.Equal("12%3A30%20h", (string?)Written(Event("12:30 h", "t", "{}"))["source"]);

    [Theory]
    [InlineData("server down", "server down")]
    [InlineData("žluť 😀", "žluť 😀")]
    [InlineData("a\u0000b\u001fc\u007fd\u0085e", "a\uFFFDb\uFFFDc\uFFFDd\uFFFDe")]
    [InlineData("a\uFDD0b\uFFFFc\U0001FFFEd", "a\uFFFDb\uFFFDc\uFFFDd")]
    [InlineData("\"quoted\"\\", "\"quoted\"\\")]
    public void An_attribute_has_no_control_characters_and_no_noncharacters(string type, string expected) =>
        Assert.Equal(expected, (string?)Written(Event("s", type, "{}"))["type"]);

    [Fact]
    public void A_large_event_is_passed_on_whole()
    {
        var metadata = $$$"""{"a":"{{{new string('x', 200_000)}}}","metadata":{"message":"inner","severity":"inner"}}""";

        var written = Written(Event("s", "t", metadata));

        Assert.Equal(metadata, written["data"]!["metadata"]!.ToJsonString());
        Assert.Equal("FATAL", (string?)written["severity"]);
    }

    private static JsonNode Written(IntegrationEvent delivered) => JsonNode.Parse(CloudEventPayload.Write(delivered))!;

    private static IntegrationEvent Event(string source, string type, string metadata)
    {
        var made = Made.Event(Priority.Critical);
        return made with
        {
            Source = source,
            EventType = type,
            Payload = EventPayload.Write(made.Id, made.CorrelationId, made.Priority, made.AcceptedAt, new RawMembers
            {
                Source = JsonSerializer.SerializeToUtf8Bytes(source),
                EventType = JsonSerializer.SerializeToUtf8Bytes(type),
                Severity = "\"FATAL\""u8,
                Message = "\"tab\\there \\u00e9 é\""u8,
                Metadata = Encoding.UTF8.GetBytes(metadata),
            }),
        };
    }
}
