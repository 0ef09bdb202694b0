using System.Globalization;
using Middleware.Domain;
using Middleware.UseCases;
using ServiceDefaults;

namespace Middleware.Api;

/// <summary>Reads the parameters of a list's query and notes all that is wrong with them at once.</summary>
internal sealed class QueryFaults
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 1_000;

    private static readonly string[] TimeForms =
        ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    public Dictionary<string, string[]> Errors { get; } = [];

    /// <summary>A parameter that is not known would otherwise be a filter that does nothing.</summary>
    public void CheckNames(IQueryCollection query, params IReadOnlyList<string> known)
    {
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                Errors[name] = [$"is not known; known are {string.Join(", ", known)}"];
            }
            else if (values.Count > 1)
            {
                Errors[name] = ["must be given once"];
            }
        }
    }

    public string? Text(string name, string? value, int maxLength)
    {
        if (value is null)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(value))
        {
            return Refuse(name, "must not be blank");
        }

        return value.Length <= maxLength ? value : Refuse(name, $"must have at most {maxLength} characters, has {value.Length}");
    }

    public string? CorrelationId(string name, string? value) =>
        value is null || Correlation.IsValid(value) ? value : Refuse(name, $"\"{value}\" is none; 1 to 128 characters of A-Za-z0-9._- are accepted");

    /// <summary>One of the values that have names; null when it is not given or none.</summary>
    public T? OneOf<T>(string name, string? value, EnumNames<T> names)
        where T : struct, Enum
    {
        if (value is null)
        {
            return null;
        }

        var found = names.Find(value);
        if (found is null)
        {
            Refuse(name, names.Fault(value));
        }

        return found;
    }

    /// <summary>From a time up to another; both may be left out.</summary>
    public (DateTimeOffset? Since, DateTimeOffset? Until) Times(string? since, string? until, string prefix = "")
    {
        var (from, to) = (Time(prefix + "since", since), Time(prefix + "until", until));
        if (from >= to)
        {
            Refuse(prefix + "until", $"\"{until}\" must be after since, \"{since}\"");
        }

        return (from, to);
    }

    /// <summary>Where the page begins and how much it holds.</summary>
    public PageRequest Page(byte list, string? cursor, string? limit)
    {
        var place = long.MaxValue;
        if (cursor is not null && !Cursor.TryRead(cursor, list, out place))
        {
            RefuseCursor();
        }

        return new PageRequest(place, Limit(limit));
    }

    /// <summary>Reads the size of a page.</summary>
    public int Limit(string? limit)
    {
        var count = DefaultLimit;
        if (limit is not null && !(int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= MaxLimit))
        {
            Refuse("limit", $"\"{limit}\" is not accepted; give a whole number from 1 to {MaxLimit}");
        }

        return count;
    }

    public void RefuseCursor() => Refuse("cursor", "is none of this list; give the next_cursor of the page before, unchanged");

    private DateTimeOffset? Time(string name, string? value)
    {
        if (value is null)
        {
            return null;
        }

        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(value, TimeForms, CultureInfo.InvariantCulture, Utc, out var time))
        {
            return time;
        }

        Refuse(name, $"\"{value}\" is no time; ISO 8601 is accepted, such as 2026-01-31T12:00:00Z (a + in an offset is written %2B)");
        return null;
    }

    private string? Refuse(string name, string fault)
    {
        Errors.TryAdd(name, [fault]);
        return null;
    }
}
