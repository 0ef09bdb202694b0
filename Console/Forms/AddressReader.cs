using System.Reflection;
using AspireIntegration.Console.Feedback;
using AspireIntegration.Console.Wording;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;

namespace AspireIntegration.Console.Forms;

/// <summary>
/// Reads the conditions in the address of a page. One that is no value, that the page does not know or that stands there twice is a fault: without it the
/// page would show, and replay, more than was meant.
/// </summary>
internal sealed class AddressReader
{
    private readonly Dictionary<string, IReadOnlyList<string>> _faults = [];
    private readonly DateTimeOffset _now;

    /// <summary>Reads the address of a page, which has a parameter of its query for each condition.</summary>
    public AddressReader(Uri address, Type page, DateTimeOffset now)
    {
        _now = now;
        var known = page.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(static property => property.IsDefined(typeof(SupplyParameterFromQueryAttribute)))
            .Select(static property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]).ToList();
        foreach (var (name, values) in QueryHelpers.ParseQuery(address.Query))
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                _faults[name] = [$"is no condition of this page; expected {string.Join(", ", known)}"];
            }
            else if (values.Count > 1)
            {
                _faults[name] = [$"is given {values.Count} times; expected once"];
            }
        }
    }

    /// <summary>The conditions that are not valid; null for none.</summary>
    public Fault? Fault => _faults.Count == 0 ? null : new Fault("The address of this page has a condition that is not valid.") { Fields = _faults };

    /// <summary>A text without blanks around it; null for none.</summary>
    public static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>A value by its name in the API; null where none is given.</summary>
    public T? OneOf<T>(string name, string? given)
        where T : struct, Enum
    {
        var found = Words.Find<T>(given);
        Judge(name, given, found is not null, string.Join(", ", Words.Values<T>().Select(static value => Words.Name(value))));
        return found;
    }

    /// <summary>A time; null where none is given.</summary>
    public DateTimeOffset? Time(string name, string? given)
    {
        var found = TimeText.Find(given, _now);
        Judge(name, given, found is not null, "a time such as 2026-01-31T12:00Z, or a duration such as 15m or 1h before now");
        return found;
    }

    private void Judge(string name, string? given, bool isValid, string wanted)
    {
        if (given is not null && !isValid)
        {
            _faults[name] = [$"\"{given}\" is not accepted; expected {wanted}"];
        }
    }
}
