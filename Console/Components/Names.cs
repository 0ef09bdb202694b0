using System.Globalization;
using System.Text.Json;

namespace AspireIntegration.Console.Components;

/// <summary>The names of values, as the contract and the URLs of pages have them.</summary>
internal static class Names
{
    /// <summary>The name of a value, such as <c>dead_letter</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>The name for people, such as <c>dead letter</c>.</summary>
    public static string Words<T>(T value)
        where T : struct, Enum => Of(value).Replace('_', ' ');

    /// <summary>All values but the unknown one.</summary>
    public static IEnumerable<T> All<T>()
        where T : struct, Enum => Enum.GetValues<T>().Where(static value => !value.Equals(default(T)));

    /// <summary>The value of a name; null for a text that is none.</summary>
    public static T? Find<T>(string? name)
        where T : struct, Enum => All<T>().Cast<T?>().FirstOrDefault(value => Of(value!.Value) == name);

    /// <summary>A number of things, such as <c>1,234 events</c>.</summary>
    public static string Count(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? one + "s")}");
}
