using System.Buffers;
using System.Text;
using CsCheck;
using Middleware.Events;
using Middleware.Filtering;
using Middleware.Filtering.Cesql;

namespace Tests.Middleware.Filtering;

public class FilteredEventTests
{
    [Theory]
    [InlineData("id", "0000002a000000000000000000000000")]
    [InlineData("source", "billing")]
    [InlineData("type", "invoice_paid")]
    [InlineData("time", "2026-03-01T12:00:00.0000000Z")]
    [InlineData("specversion", "1.0")]
    [InlineData("severity", "Größter Fehler")]
    [InlineData("priority", "high")]
    [InlineData("correlationid", "c-1")]
    public void The_attributes_of_an_event_win_over_its_metadata(string name, string value) =>
        Assert.Equal(new CesqlValue(value), Get($$"""{"{{name}}":"of the metadata"}""", name));

    [Theory]
    [InlineData("""{"region":"eu"}""", "region", "eu")]
    [InlineData("""{"Server_ID":"w-1"}""", "serverid", "w-1")]
    [InlineData("""{"x-y.z 9":"a"}""", "xyz9", "a")]
    [InlineData("""{"\u0061\u0042\"\\\/\b\n":"a"}""", "ab", "a")]
    [InlineData("""{"größe":"a"}""", "gre", "a")]
    [InlineData("""{"\u212Aelvin":"a"}""", "elvin", "a")]
    [InlineData("""{"a\ud800b":"a"}""", "ab", "a")]
    [InlineData("""{"event_type":"a"}""", "eventtype", "a")]
    [InlineData("""{"a_b":"first","ab":"second","A-B":"third"}""", "ab", "first")]
    [InlineData("""{"a_b":null,"a-b":{},"a.b":[1],"ab":"second"}""", "ab", "second")]
    [InlineData("""{"deep":{"a":"inside"},"list":[{"a":"inside"}],"a":"outside"}""", "a", "outside")]
    [InlineData("""{"a":""}""", "a", "")]
    [InlineData("""{"a":"\"\\\/\b\f\n\r\t\u00e9é\ud83d\ude00😀"}""", "a", "\"\\/\b\f\n\r\téé😀😀")]
    [InlineData("""{"a":2147483648}""", "a", "2147483648")]
    [InlineData("""{"a":-2147483649}""", "a", "-2147483649")]
    [InlineData("""{"a":12345678901234567890.10e-5}""", "a", "12345678901234567890.10e-5")]
    [InlineData("""{"a":1.0}""", "a", "1.0")]
    [InlineData("""{"a":1e3}""", "a", "1e3")]
    public void A_member_of_the_metadata_is_a_text_under_its_plain_name(string metadata, string name, string value) =>
        Assert.Equal(new CesqlValue(value), Get(metadata, name));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("2147483647", 2_147_483_647)]
    [InlineData("-2147483648", -2_147_483_648)]
    public void An_integer_of_32_bits_is_an_integer(string number, int value) => Assert.Equal(new CesqlValue(value), Get($$"""{"a":{{number}}}""", "a"));

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void A_boolean_is_a_boolean(string json, bool value) => Assert.Equal(new CesqlValue(value), Get($$"""{"a":{{json}}}""", "a"));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":{"a":1}}""")]
    [InlineData("""{"a":["a"]}""")]
    [InlineData("""{"b":"a"}""")]
    public void What_is_no_scalar_is_absent(string metadata) => Assert.Null(Get(metadata, "a"));

    [Fact]
    public void Half_of_a_surrogate_pair_is_passed_on() =>
        Assert.Equal(new CesqlValue("x\ud800y\udc00"), Get("""{"a":"x\ud800y\udc00"}""", "a"));

    [Fact]
    public void A_name_without_any_letter_or_digit_is_none() => Assert.Null(Get("""{"_":1,"":2,"é":3}""", ""));

    [Fact]
    public void Names_and_texts_of_any_length_are_read()
    {
        var (name, text) = (new string('n', 10_000), new string('é', 10_000));

        Assert.Equal(new CesqlValue(text + "\n"), Get($$"""{"_{{name}}":"{{text}}\n"}""", name));
    }

    [Fact]
    public void Any_text_comes_as_it_was() => Gen.String.Sample(text =>
    {
        var value = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

        Assert.Equal(new CesqlValue(value), Get($$"""{"a":{{System.Text.Json.JsonSerializer.Serialize(value)}}}""", "a"));
    });

    [Fact]
    public void The_payload_is_not_read_for_what_stands_beside_it()
    {
        using var payload = new WatchedBytes(Payload("""{"region":"eu"}"""));
        var filtered = new FilteredEvent(Made.Event(Priority.High) with { Payload = payload.Memory });

        foreach (var name in new[] { "id", "source", "type", "time", "specversion", "priority", "correlationid" })
        {
            Assert.True(filtered.TryGet(name, out _));
        }

        Assert.True(IsMatch("priority = 'high' AND type = 'made'", filtered));
        Assert.False(IsMatch("source = 'other' AND region = 'eu'", filtered, "nothing"));
        Assert.Equal(0, payload.Reads);
    }

    [Fact]
    public void The_metadata_is_read_once_for_all_filters()
    {
        using var payload = new WatchedBytes(Payload("""{"zone":7,"server_up":true}"""));
        var filtered = new FilteredEvent(Made.Event() with { Payload = payload.Memory });

        Assert.True(IsMatch("zone = 7", filtered));
        Assert.True(IsMatch("zone > 6 AND serverup AND NOT EXISTS region", filtered));

        Assert.Equal(1, payload.Reads);
    }

    [Fact]
    public void The_severity_is_read_without_the_metadata()
    {
        var payload = """{"severity":"fatal","metadata":{"a" and no JSON any more"""u8.ToArray();

        Assert.True(IsMatch("severity = 'fatal'", new FilteredEvent(Made.Event() with { Payload = payload })));
    }

    private static bool IsMatch(string expression, FilteredEvent filtered, params string[] eventTypes)
    {
        var budget = new StepBudget(FilterBudget.OfEach);
        return Filter.Of(eventTypes, expression: expression).Matches(filtered, ref budget);
    }

    private static CesqlValue? Get(string metadata, string name) => new FilteredEvent(Event(Payload(metadata))).TryGet(name, out var value) ? value : null;

    private static IntegrationEvent Event(byte[] payload) => Made.Event(Priority.High) with
    {
        Id = new Guid(42, 0, 0, new byte[8]),
        Source = "billing",
        EventType = "invoice_paid",
        Payload = payload,
    };

    private static byte[] Payload(string metadata) => EventPayload.Write(Guid.Empty, "c-1", Priority.High, TestClock.Noon, new RawMembers
    {
        Source = "\"billing\""u8,
        EventType = "\"invoice_paid\""u8,
        Severity = "\"Gr\\u00f6ßter Fehler\""u8,
        Message = "\"\\\"metadata\\\":{\\\"a\\\":1}\""u8,
        Metadata = Encoding.UTF8.GetBytes(metadata),
    });

    /// <summary>Bytes that count how often they are looked at.</summary>
    private sealed class WatchedBytes(byte[] bytes) : MemoryManager<byte>
    {
        public int Reads { get; private set; }

        public override Memory<byte> Memory => CreateMemory(bytes.Length);

        public override Span<byte> GetSpan()
        {
            Reads++;
            return bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
