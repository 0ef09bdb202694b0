using System.Text;
using System.Text.Encodings.Web;
using CsCheck;
using Middleware.Events;

namespace Tests.Middleware.Events;

public class EventPayloadTests
{
    private static readonly Guid Id = new("01890a5d-ac96-774b-bcce-b302099a8057");

    [Fact]
    public void It_is_one_JSON_object_with_these_members_in_this_order() => Assert.Equal(
        """{"event_id":"01890a5dac96774bbcceb302099a8057","correlation_id":"c-1","source":"monitoring-system","event_type":"server_down","priority":"critical","severity":"CRITICAL","message":"not responding","metadata":{"server_id":"prod-web-01"},"timestamp":"2026-03-01T12:00:00.0000000Z"}""",
        Write("c-1", Priority.Critical, "\"monitoring-system\"", "\"server_down\"", "\"CRITICAL\"", "\"not responding\"", """{"server_id":"prod-web-01"}"""));

    [Fact]
    public void Without_metadata_it_has_an_empty_object() =>
        Assert.Contains(",\"metadata\":{},\"timestamp\":", Write("c", Priority.Low, "\"s\"", "\"t\"", "\"l\"", "\"m\"", ""), StringComparison.Ordinal);

    [Fact]
    public void The_time_is_in_UTC()
    {
        var payload = EventPayload.Write(
            Id, "c", Priority.Low, new DateTimeOffset(2026, 3, 1, 14, 0, 0, 123, TimeSpan.FromHours(2)), Raw("\"s\"", "\"t\"", "\"l\"", "\"m\"", ""));

        Assert.EndsWith("\"timestamp\":\"2026-03-01T12:00:00.1230000Z\"}", Encoding.UTF8.GetString(payload), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "a" : 1.0e+2 , "a\u0062":[ ] }""")]
    [InlineData("{\"n\":123456789012345678901234567890.10, \"x\":\t-0}\r\n")]
    [InlineData("""{"text":"\u00e9 é \ud83d\ude00 😀 <&>","half":"\ud800"}""")]
    public void Metadata_is_kept_byte_for_byte(string metadata) =>
        Assert.Contains($",\"metadata\":{metadata},\"timestamp\"", Write("c", Priority.Low, "\"s\"", "\"t\"", "\"l\"", "\"m\"", metadata), StringComparison.Ordinal);

    [Fact]
    public void The_longest_ids_and_large_members_fit()
    {
        var message = $"\"{new string('m', 65_536)}\"";
        var metadata = $"{{\"big\":\"{new string('x', 150_000)}\"}}";

        foreach (var priority in Enum.GetValues<Priority>())
        {
            using var payload = JsonDocument.Parse(Write(new string('c', 128), priority, "\"s\"", "\"t\"", "\"l\"", message, metadata));
            Assert.Equal(65_536, payload.RootElement.GetProperty("message").GetString()!.Length);
            Assert.Equal(metadata, payload.RootElement.GetProperty("metadata").GetRawText());
        }
    }

    [Fact]
    public void Its_members_are_those_received() =>
        Gen.Select(Gen.String, Gen.String, Gen.String, Gen.String, Gen.Enum<Priority>(), Gen.Dictionary(Gen.String, Gen.String), Gen.Bool).Sample(
            (source, type, severity, message, priority, metadata, relaxed) =>
            {
                var options = new JsonSerializerOptions
                {
                    Encoder = relaxed ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping : JavaScriptEncoder.Default,
                    WriteIndented = relaxed,
                };

                using var payload = JsonDocument.Parse(
                    Write("c-1", priority, Json(source), Json(type), Json(severity), Json(message), JsonSerializer.Serialize(metadata, options)));

                var root = payload.RootElement;
                Assert.Equal(Id.ToString("n"), root.GetProperty("event_id").GetString());
                Assert.Equal(priority.Name(), root.GetProperty("priority").GetString());
                Assert.Equal(WholeCharacters(source), root.GetProperty("source").GetString());
                Assert.Equal(WholeCharacters(type), root.GetProperty("event_type").GetString());
                Assert.Equal(WholeCharacters(severity), root.GetProperty("severity").GetString());
                Assert.Equal(WholeCharacters(message), root.GetProperty("message").GetString());
                Assert.Equal(JsonSerializer.Serialize(metadata, options), root.GetProperty("metadata").GetRawText());
                Assert.Equal(9, root.EnumerateObject().Count());

                string Json(string text) => JsonSerializer.Serialize(text, options);
            });

    /// <summary>As UTF-8 holds it: halves of surrogate pairs are replaced.</summary>
    private static string WholeCharacters(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Write(string correlationId, Priority priority, string source, string type, string severity, string message, string metadata) =>
        Encoding.UTF8.GetString(EventPayload.Write(Id, correlationId, priority, TestClock.Noon, Raw(source, type, severity, message, metadata)));

    private static RawMembers Raw(string source, string type, string severity, string message, string metadata) => new()
    {
        Source = Encoding.UTF8.GetBytes(source),
        EventType = Encoding.UTF8.GetBytes(type),
        Severity = Encoding.UTF8.GetBytes(severity),
        Message = Encoding.UTF8.GetBytes(message),
        Metadata = Encoding.UTF8.GetBytes(metadata),
    };
}
