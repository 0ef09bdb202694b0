using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AspireIntegration.Client.Json;

/// <summary>Durations as the contract writes them: <c>3s</c>, <c>500ms</c>, <c>1m30s</c>, <c>7d</c>.</summary>
internal sealed class DurationText : JsonConverter<TimeSpan>
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Name, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads one or more numbers, each with its unit, without sign or spaces.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan value)
    {
        value = default;
        var isAny = text is "0";
        for (var rest = isAny ? [] : text; !rest.IsEmpty; isAny = true)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits is < 1 or > 12 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var letters = rest.IndexOfAny(NumberCharacters) is >= 0 and var end ? rest[..end] : rest;
            var ticks = 0L;
            foreach (var unit in Units)
            {
                ticks = letters.SequenceEqual(unit.Name) ? unit.Ticks : ticks;
            }

            var sum = value.Ticks + (number * ticks);
            if (ticks == 0 || sum > TimeSpan.MaxValue.Ticks)
            {
                return false;
            }

            value = TimeSpan.FromTicks((long)sum);
            rest = rest[letters.Length..];
        }

        return isAny;
    }

    /// <summary>Writes a duration to the millisecond.</summary>
    /// <exception cref="ArgumentException">It is negative.</exception>
    public static string Format(TimeSpan value)
    {
        if (value < TimeSpan.Zero)
        {
            throw new ArgumentException($"\"{value}\" is not a duration that can be sent; expected zero or more");
        }

        var text = new StringBuilder();
        var rest = value.Ticks;
        foreach (var (name, ticks) in Units)
        {
            if (rest / ticks is > 0 and var count)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{name}");
                rest %= ticks;
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryParse(reader.GetString(), out var value) ? value : throw new JsonException($"\"{reader.GetString()}\" is not a duration; expected a text such as 1m30s");

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));
}
