using System.Globalization;
using System.Text.Json;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>Reads the members of a JSON object and notes all that is wrong with each, unknown ones included.</summary>
/// <param name="source">The object.</param>
/// <param name="faults">Where they are noted.</param>
/// <param name="prefix">What stands before a member's name there.</param>
/// <param name="isText">True where every value is text, as in a configuration: numbers and flags are then read from it.</param>
internal sealed class ObjectReader(JsonElement source, QueryFaults faults, string prefix = "", bool isText = false)
{
    private const int MaxNameLength = 128;

    private readonly HashSet<string> _known = [];
    private readonly HashSet<string> _readOnly = [];

    public string? Text(string name, int maxLength, string? fallback = null)
    {
        if (Member(name) is not { } value)
        {
            return fallback;
        }

        return JsonBody.Text(value, prefix + name, faults.Errors) is { } text ? faults.Text(prefix + name, text, maxLength) : null;
    }

    /// <summary>One of the values that have names; null when it is not given or none.</summary>
    public T? OneOf<T>(string name, EnumNames<T> names)
        where T : struct, Enum => faults.OneOf(prefix + name, Text(name, MaxNameLength), names);

    public bool Flag(string name, bool fallback) => Member(name) is not { } value ? fallback : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when isText && bool.TryParse(value.GetString(), out var flag) => flag,
        _ => Refuse(name, "must be true or false", fallback),
    };

    public int Whole(string name, int fallback, int min, int max)
    {
        if (Member(name) is not { } value)
        {
            return fallback;
        }

        return IsNumber(value) && int.TryParse(TextOf(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : Refuse(name, $"must be a whole number from {min} to {max}; it is {Shown(value)}", fallback);
    }

    /// <summary>A number that must be given.</summary>
    public double Number(string name, double min, double max) =>
        Member(name) is { } value && IsNumber(value) && double.TryParse(TextOf(value), CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : Refuse<double>(name, $"is required, a number from {min} to {max}");

    /// <summary>An object whose members are named behind its name; null when it is not given.</summary>
    public ObjectReader? Object(string name) => Member(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new ObjectReader(value, faults, $"{prefix}{name}.", isText),
        _ => Refuse<ObjectReader>(name, "must be an object"),
    };

    public TimeSpan Duration(string name, TimeSpan fallback, (string Least, string Most) bounds) =>
        Member(name) is { } value ? Duration(name, value, bounds) ?? fallback : fallback;

    public IReadOnlyList<TimeSpan> Durations(string name, IReadOnlyList<TimeSpan> fallback, (string Least, string Most) bounds, int most)
    {
        if (Member(name) is not { } value)
        {
            return fallback;
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > most)
        {
            return Refuse(name, $"must be an array of at most {most} durations, such as [\"1m\",\"5m\"]", fallback)!;
        }

        return [.. value.EnumerateArray().Select((entry, index) => Duration($"{name}[{index}]", entry, bounds) ?? default)];
    }

    /// <summary>A member that the caller judges itself; null when it is not given or null.</summary>
    public JsonElement? Member(string name)
    {
        _known.Add(name);
        return source.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A member that may be anything.</summary>
    public void Ignore(string name) => _readOnly.Add(name);

    /// <summary>Called last: a member that is not known would otherwise be a setting that does nothing.</summary>
    public void RefuseTheRest()
    {
        var known = _known.Count == 0 ? "there is none" : $"known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}";
        foreach (var member in source.EnumerateObject().Where(member => !_known.Contains(member.Name) && !_readOnly.Contains(member.Name)))
        {
            Refuse<string>(member.Name, $"is not known; {known}");
        }
    }

    /// <summary>
    /// The same where what is shown may come back: a member that is read-only is refused only when it is another than is shown. Where
    /// <paramref name="isWhole"/>, one that is not there was taken away.
    /// </summary>
    public void RefuseTheRest(JsonElement shown, bool isWhole)
    {
        foreach (var now in shown.EnumerateObject().Where(now => !_known.Contains(now.Name) && _readOnly.Add(now.Name)))
        {
            if (source.TryGetProperty(now.Name, out var given) ? !JsonBody.AreSame(given, now.Value) : isWhole)
            {
                Refuse<string>(now.Name, $"is read-only and is {Shown(now.Value)}; leave it out, or give it as it is shown");
            }
        }

        RefuseTheRest();
    }

    /// <summary>Where all that is wrong is noted.</summary>
    public IDictionary<string, string[]> Errors => faults.Errors;

    public T? Refuse<T>(string name, string fault, T? result = default)
    {
        faults.Errors.TryAdd(prefix + name, [fault]);
        return result;
    }

    private bool IsNumber(JsonElement value) => value.ValueKind == JsonValueKind.Number || (isText && value.ValueKind == JsonValueKind.String);

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private TimeSpan? Duration(string name, JsonElement value, (string Least, string Most) bounds)
    {
        var text = value.ValueKind == JsonValueKind.String ? JsonBody.Decode(value) : null;
        return ServiceDefaults.Settings.Duration.TryParse(text, out var duration) && duration >= Parse(bounds.Least) && duration <= Parse(bounds.Most)
            ? duration
            : Refuse<TimeSpan?>(name, $"must be a duration such as 3s, 500ms or 1m30s, from {bounds.Least} to {bounds.Most}; it is {Shown(value)}");
    }

    private static TimeSpan Parse(string text) => ServiceDefaults.Settings.Duration.TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no duration");

    private static string Shown(JsonElement value) => value.GetRawText() is { Length: > 100 } text ? text[..100] + "..." : value.GetRawText();
}
