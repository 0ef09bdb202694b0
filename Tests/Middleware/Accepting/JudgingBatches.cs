using System.Text;
using CsCheck;
using Middleware.Accepting;
using Middleware.Events;

namespace Tests.Middleware.Accepting;

public sealed class JudgingBatches
{
    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.OneOf(
            "\"text\"", "\"\"", "\" \"", "null", "7", "true", "{}", "[]", "[1,[2,{\"a\":[]}]]", "{\"a\":{\"b\":[1,2]},\"c\":\"],}[{\"}", "\"a\\\"],[{\"",
            "\"\\\\\"", "\"\\ud800\"", "\"\\u00e9\"", "\"é,😀\"", "{\"a\":1,\"a\":2}", "01", "\"\\x\"", "nul", "{\"a\" 1}", "\"" + new string('x', 300) + "\"",
            string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40))),
        Gen.String[Gen.Char['a', 'z'], 0, 10].Select(static text => $"\"{text}\""));

    private static readonly Gen<string> Member =
        Gen.Select(Gen.OneOf("source", "event_type", "severity", "message", "metadata", "other"), Value, static (name, value) => $"\"{name}\":{value}");

    private static readonly Gen<string> Event = Gen.Frequency(
        (4, Member.Array[0, 8].Select(static members => $"{{{string.Join(',', members)}}}")),
        (3, Value.Select(static metadata => $$"""{"source":"s","event_type":"t","severity":"low","message":"m","metadata":{{metadata}}}""")),
        (1, Value));

    private static readonly Gen<string> Between = Gen.OneOf(",", ",", ",", " , ", "\n,", "", " ", "\t\n", ",,", ", ,");
    private static readonly Gen<string> Around = Gen.OneOf("", "", " ", "\r\n", "", "  ", ",", " , ");
    private static readonly Gen<string> Elements = Gen.OneOf("{}", "[]", "\"a\"", "\"],[\"", "\"\\\",\"", " 7 ", " nul ", "{\"a\":[1,{}]}", "[[],[[]]]");

    private static readonly Gen<string> Space = Gen.OneOf("", " ", "\t", "\r", "  ");

    [Fact]
    public void Each_event_is_judged_as_it_would_be_alone() =>
        Gen.Select(Event, Space, Space).Array[1, 12].Sample(static items =>
        {
            var array = $"[{string.Join(',', items.Select(static item => $"{item.Item2}\n{item.Item1}{item.Item3}"))}]";
            var lines = string.Join("\n", items.Select(static item => $"{item.Item2}{item.Item1}{item.Item3}\n"));
            var alone = items.Select(static item => Judge(Encoding.UTF8.GetBytes(item.Item1))).ToList();

            Assert.Equal(alone, JudgeAll(array, BatchFormat.Array));
            Assert.Equal(alone, JudgeAll(lines, BatchFormat.Lines));
        });

    [Fact]
    public void Whatever_the_bytes_are_the_parts_lie_in_order_within_them() =>
        Gen.OneOf((byte)'[', (byte)']', (byte)'{', (byte)'}', (byte)'"', (byte)'\\', (byte)',', (byte)'\n', (byte)' ', (byte)'1', (byte)0xff)
            .Array[0, 40].Sample(static bytes =>
            {
                foreach (var format in new[] { BatchFormat.Array, BatchFormat.Lines })
                {
                    Assert.Equal(BatchSplitter.TrySplit(bytes, format, out var parts, out var fault), fault.Length == 0);
                    var end = 0;
                    foreach (var part in parts)
                    {
                        Assert.InRange(part.Start.Value, end, part.End.Value);
                        end = part.End.Value;
                    }

                    Assert.InRange(end, 0, bytes.Length);
                }
            });

    [Fact]
    public void An_array_is_split_where_one_comma_stands_between_two_values_and_else_refused() =>
        Gen.Select(Between.Array[0, 6], Around, Around, Elements.Array[7]).Sample(static (inner, before, behind, values) =>
        {
            var text = $"[{before}{values[0]}{string.Concat(inner.Select((between, index) => between + values[index + 1]))}{behind}]";

            var isSplit = BatchSplitter.TrySplit(Encoding.UTF8.GetBytes(text), BatchFormat.Array, out var events, out var fault);

            Assert.Equal(!(before + behind).Contains(',') && inner.All(static between => between.Count(',') == 1), isSplit);
            Assert.Equal(isSplit, fault.Length == 0);
            if (isSplit)
            {
                Assert.Equal(values.Take(inner.Length + 1).Select(static value => value.Trim()), events.Select(range => text[range]));
            }
        }, iter: 20_000);

    [Fact]
    public void An_array_of_JSON_is_split_into_its_elements() =>
        Gen.OneOf("[", "]", "{", "}", ",", ",", ":", " ", "\n", "\"a\"", "\"],[\"", "7", "nul", "{}", "[]", "{\"a\":[1,{}]}", "\\").Array[0, 9]
            .Select(static parts => $"[{string.Concat(parts)}]").Where(static text => Parse(text) is not null).Sample(static text =>
            {
                BatchSplitter.TrySplit(Encoding.UTF8.GetBytes(text), BatchFormat.Array, out var events, out _);

                Assert.Equal(Parse(text)!.Value.EnumerateArray().Select(static element => element.GetRawText()), events.Select(range => text[range]));
            }, iter: 10_000);

    private static JsonElement? Parse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static List<string> JudgeAll(string text, BatchFormat format)
    {
        var body = Encoding.UTF8.GetBytes(text);
        Assert.True(BatchSplitter.TrySplit(body, format, out var events, out var fault), $"{fault}: {text}");
        return events.ConvertAll(range => Judge(body[range]));
    }

    private static string Judge(byte[] json) => EventReader.TryRead(json, out var received, out var errors)
        ? $"{received.Source} {received.EventType} {received.Severity} {Encoding.UTF8.GetString(received.Raw.Message)} {Encoding.UTF8.GetString(received.Raw.Metadata)}"
        : string.Join(' ', errors.Select(static error => $"{error.Key}: {error.Value[0]}"));
}
