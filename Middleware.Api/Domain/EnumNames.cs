using System.Collections.Immutable;

namespace Middleware.Domain;

/// <summary>The names of an enum's values in requests, answers and the contract. A request may write a name in any case.</summary>
/// <param name="nameOf">In lower case.</param>
/// <param name="values">Those with a name; all when none is given.</param>
internal sealed class EnumNames<T>(Func<T, string> nameOf, params ImmutableArray<T> values)
    where T : struct, Enum
{
    private readonly ImmutableArray<T> _values = values is [] ? [.. Enum.GetValues<T>()] : values;

    public ImmutableArray<string> All => field.IsDefault ? field = [.. _values.Select(nameOf)] : field;

    /// <summary>Null for a text that is none of the names.</summary>
    public T? Find(string text)
    {
        foreach (var value in _values)
        {
            if (string.Equals(nameOf(value), text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>For people: a text that is none of the names, and what is accepted.</summary>
    public string Fault(string text) => $"\"{text}\" is none; {(All is [var only] ? only : $"one of {string.Join(", ", All)}")} is accepted";
}
