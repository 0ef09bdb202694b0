using AspireIntegration.Console.Feedback;
using AspireIntegration.Console.Wording;

namespace AspireIntegration.Console.Forms;

/// <summary>Reads the conditions in the address of a page. One that is no value is a fault: without it the page would show, and replay, more than was meant.</summary>
internal sealed class AddressReader(DateTimeOffset now)
{
    private readonly Dictionary<string, IReadOnlyList<string>> _faults = [];

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
        var found = TimeText.Find(given, now);
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
