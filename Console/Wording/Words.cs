using System.Globalization;
using System.Text;

namespace AspireIntegration.Console.Wording;

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

    /// <summary>A number and what it counts, such as <c>1 dead letter</c> or <c>1,000+ events</c>.</summary>
    public static string Count(long number, string one, string? many = null, bool isLowerBound = false) =>
        $"{Count(number, isLowerBound)} {(number == 1 && !isLowerBound ? one : many ?? one + "s")}";

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
