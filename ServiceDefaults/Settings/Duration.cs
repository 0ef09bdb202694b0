using System.Buffers;
using System.Globalization;
using System.Text;

namespace ServiceDefaults.Settings;

/// <summary>Durations as people write them: <c>3s</c>, <c>500ms</c>, <c>1m30s</c>, <c>1.5h</c>, <c>7d</c>.</summary>
public static class Duration
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Name, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
    ];

    /// <summary>A wait in whole milliseconds, rounded up. Timers drop the part of one: they come too early, or at once. The driver of PostgreSQL takes 0 for a wait without end.</summary>
    public static TimeSpan RoundUp(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));

    /// <summary>Reads one or more numbers, each with its unit (<c>d h m s ms</c>), without sign or spaces; at most 10,000 days.</summary>
    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = default;
        ReadOnlySpan<char> rest = text;
        decimal ticks = 0;

        if (rest is "0")
        {
            return true;
        }

        do
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits is < 1 or > 12 || rest[0] == '.' || rest[digits - 1] == '.'
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var unit = FindUnit(rest);
            if (unit.Ticks == 0)
            {
                return false;
            }

            rest = rest[unit.Name.Length..];
            ticks += number * unit.Ticks;
        }
        while (!rest.IsEmpty);

        if (ticks > 10_000m * TimeSpan.TicksPerDay)
        {
            return false;
        }

        value = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Writes a duration so that <see cref="TryParse"/> reads it back, to the millisecond.</summary>
    public static string Format(TimeSpan value)
    {
        var text = new StringBuilder();
        var rest = value.Ticks - (value.Ticks % TimeSpan.TicksPerMillisecond);

        foreach (var (name, ticks) in Units.OrderByDescending(unit => unit.Ticks))
        {
            if (rest / ticks is > 0 and var count)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{name}");
                rest %= ticks;
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    private static (string Name, long Ticks) FindUnit(ReadOnlySpan<char> text)
    {
        foreach (var unit in Units)
        {
            if (text.StartsWith(unit.Name, StringComparison.Ordinal))
            {
                return unit;
            }
        }

        return default;
    }
}
