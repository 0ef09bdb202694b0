using System.Buffers;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ServiceDefaults.Logging;

namespace Tests.ServiceDefaults;

public class JsonLineFormatterTests
{
    [Fact]
    public void A_line_is_one_object_with_the_values_in_snake_case() =>
        Assert.Equal(
            """{"timestamp":"2026-03-01T12:00:00Z","level":"info","msg":"event accepted","logger":"Some.Category","event_id":"e-1","attempts":3,"latency_ms":1.5,"ok":true,"nothing":null}"""
                + "\n",
            Write(
                LogLevel.Information,
                "event accepted",
                null,
                [
                    new("EventId", "e-1"), new("attempts", 3), new("latencyMs", 1.5), new("ok", true), new("nothing", null),
                    new("{OriginalFormat}", "event accepted"),
                ]));

    [Theory]
    [InlineData(LogLevel.Trace, "trace")]
    [InlineData(LogLevel.Debug, "debug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Warning, "warn")]
    [InlineData(LogLevel.Error, "error")]
    [InlineData(LogLevel.Critical, "critical")]
    public void Levels_are_in_lower_case(LogLevel level, string expected) =>
        Assert.Equal(expected, Parse(Write(level, "", null, [])).GetProperty("level").GetString());

    [Fact]
    public void An_exception_is_told_short_and_in_full()
    {
        var exception = new InvalidOperationException("it broke", new IOException("for a reason"));

        var line = Parse(Write(LogLevel.Error, "failed", exception, []));

        Assert.Equal("it broke", line.GetProperty("error").GetString());
        Assert.Equal(exception.ToString(), line.GetProperty("exception").GetString());
    }

    [Theory]
    [InlineData(LogLevel.Error, "it broke")]
    [InlineData(LogLevel.Warning, null)]
    public void An_error_without_an_exception_is_told_by_its_message(LogLevel level, string? expected) =>
        Assert.Equal(expected, Parse(Write(level, "it broke", null, [])).TryGetProperty("error", out var error) ? error.GetString() : null);

    [Fact]
    public void An_error_that_is_a_value_wins_over_the_exception_s()
    {
        var line = Parse(Write(LogLevel.Error, "failed", new IOException("other"), [new("error", "given")]));

        Assert.Equal("given", line.GetProperty("error").GetString());
        Assert.Single(line.EnumerateObject(), member => member.NameEquals("error"));
    }

    [Theory]
    [InlineData("Timestamp")]
    [InlineData("level")]
    [InlineData("msg")]
    [InlineData("Logger")]
    [InlineData("exception")]
    public void A_value_cannot_take_the_name_of_what_every_line_has(string name)
    {
        var line = Parse(Write(LogLevel.Error, "text", new IOException("x"), [new(name, "forged")]));

        Assert.DoesNotContain(line.EnumerateObject(), member => member.Value.ToString() == "forged");
    }

    [Theory]
    [InlineData("\"quoted\" \\ back")]
    [InlineData("two\r\nlines\tand a tab")]
    [InlineData("\0\u001b[31mred")]
    [InlineData("<b>&'+`</b>")]
    [InlineData("žluťoučký kůň 日本 😀")]
    [InlineData("\u2028\u2029\u0085")]
    public void Whatever_a_value_holds_the_line_is_one_and_says_the_same(string text)
    {
        var written = Write(LogLevel.Information, text, null, [new("text", text)]);

        Assert.DoesNotContain('\n', written[..^1]);
        Assert.Equal(text, Parse(written).GetProperty("msg").GetString());
        Assert.Equal(text, Parse(written).GetProperty("text").GetString());
    }

    [Fact]
    public void Every_line_parses() =>
        Gen.Select(Gen.String, Gen.String, Gen.String).Sample((message, name, value) =>
        {
            var written = Write(LogLevel.Warning, message, new IOException(value), [new("x" + name, value), new("y", double.NaN)]);

            Assert.DoesNotContain('\n', written[..^1]);
            Assert.Equal("warn", Parse(written).GetProperty("level").GetString());
        });

    internal static string Write(LineFormatter formatter, LogLevel level, string message, Exception? exception, List<KeyValuePair<string, object?>> values)
    {
        var line = new ArrayBufferWriter<byte>();
        var entry = new LogEntry<List<KeyValuePair<string, object?>>>(level, "Some.Category", default, values, exception, (_, _) => message);
        formatter.Write(entry, line);
        return Encoding.UTF8.GetString(line.WrittenSpan);
    }

    private static string Write(LogLevel level, string message, Exception? exception, List<KeyValuePair<string, object?>> values) =>
        Write(new JsonLineFormatter(new TestClock()), level, message, exception, values);

    private static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }
}
