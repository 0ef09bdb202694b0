using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Middleware.Events;

/// <summary>The names of an enum's values in JSON (<see cref="JsonStringEnumMemberNameAttribute"/>), for texts outside JSON.</summary>
/// <param name="values">The accepted values.</param>
internal sealed class EnumNames<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(IReadOnlyList<T> values)
    where T : struct, Enum
{
    public static readonly EnumNames<T> All = new(Enum.GetValues<T>());

    private readonly FrozenDictionary<T, string> _names = values.ToFrozenDictionary(
        static value => value, static value => typeof(T).GetField(value.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? value.ToString());

    /// <summary>In the order of the values.</summary>
    public IEnumerable<string> Texts => values.Select(Of);

    public string Of(T value) => _names[value];

    /// <summary>The value of a name, in any case; null for another text.</summary>
    public T? Find(string text)
    {
        foreach (var (value, name) in _names)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The error for a text that is not among the names, with the names.</summary>
    public string Fault(string text) => $"\"{text}\" is not a known value; expected {(values.Count == 1 ? "" : "one of ")}{string.Join(", ", Texts)}";
}

/// <inheritdoc cref="EnumNames{T}"/>
internal static class EnumNames
{
    public static string Name<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(this T value)
        where T : struct, Enum => EnumNames<T>.All.Of(value);
}
