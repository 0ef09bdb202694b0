using System.Globalization;
using System.Text;

namespace AspireIntegration.Console.Components.Shared;

/// <summary>Writes values as people and URLs have them.</summary>
public static class Words
{
    /// <summary>An enumeration's value in words, such as <c>dead letter</c>.</summary>
    public static string Of(Enum value) => Split(value, ' ');

    /// <summary>An enumeration's value as the API and the URLs of pages name it, such as <c>dead_letter</c>.</summary>
    public static string Name(Enum value) => Split(value, '_');

    /// <summary>The value that has a name; null for another text.</summary>
    public static T? Find<T>(string? name)
        where T : struct, Enum
    {
        foreach (var value in Values<T>())
        {
            if (Name(value) == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The values that may be asked for.</summary>
    public static IEnumerable<T> Values<T>()
        where T : struct, Enum => Enum.GetValues<T>().Where(static value => !EqualityComparer<T>.Default.Equals(value, default));

    /// <summary>A number with its thousands, and a plus where there may be more.</summary>
    public static string Count(long number, bool isLowerBound = false) => number.ToString("N0", CultureInfo.InvariantCulture) + (isLowerBound ? "+" : "");

    /// <summary>A number and what it counts, such as <c>1 dead letter</c>.</summary>
    public static string Count(long number, string what, bool isLowerBound = false) => $"{Count(number, isLowerBound)} {what}{(number == 1 && !isLowerBound ? "" : "s")}";

    /// <summary>A beginning in a URL: a span before now, such as <c>15m</c>, <c>1h</c> or <c>7d</c>, or a time. Null for none, and for another text.</summary>
    public static DateTimeOffset? Since(string? text, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 100_000)
        {
            switch (text[^1])
            {
                case 'm': return now.AddMinutes(-number);
                case 'h': return now.AddHours(-number);
                case 'd': return now.AddDays(-number);
                default: break;
            }
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    private static string Split(Enum value, char separator)
    {
        var text = new StringBuilder();
        foreach (var letter in value.ToString())
        {
            if (char.IsUpper(letter) && text.Length > 0)
            {
                text.Append(separator);
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
