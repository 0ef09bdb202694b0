using System.Globalization;
using Middleware.Events;
using ServiceDefaults;

namespace Middleware.Http;

internal static class CommonMembers
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 1_000;
    private const string PlusInQuery = " (a + in an offset is written %2B)";

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"];

    public static string? CorrelationId(this RequestReader given, string text)
    {
        var value = given.Raw(new RequestMember("correlation_id", "string", text) { Pattern = Patterns.CorrelationId });
        return value is null || Correlation.IsValid(value)
            ? value
            : given.Refuse<string>("correlation_id", $"\"{value}\" is not a correlation id; expected 1 to 128 characters of A-Za-z0-9._-");
    }

    /// <summary>Reads the range of a time; both ends may be left out.</summary>
    /// <param name="given">The request.</param>
    /// <param name="happened">The event of the time, as in <c>Accepted</c>.</param>
    public static (DateTimeOffset? Since, DateTimeOffset? Until) Times(this RequestReader given, string happened)
    {
        var since = new RequestMember("since", "string", $"{happened} at this time (ISO 8601) or later.") { Pattern = Patterns.Time };
        var until = new RequestMember("until", "string", $"{happened} before this time (ISO 8601).") { Pattern = Patterns.Time };
        var (sinceText, untilText) = (given.Raw(since), given.Raw(until));
        var (from, to) = (Time(given, since.Name, sinceText, PlusInQuery), Time(given, until.Name, untilText, PlusInQuery));
        if (from >= to)
        {
            given.Refuse<string>(until.Name, $"\"{untilText}\" must be after since, \"{sinceText}\"");
        }

        return (from, to);
    }

    /// <summary>Reads a time; null when it is not given.</summary>
    public static DateTimeOffset? Time(this RequestReader given, string name, string text)
    {
        var member = new RequestMember(name, "string", text) { Pattern = Patterns.Time };
        return Time(given, name, given.Raw(member), hint: "");
    }

    /// <summary>The beginning and the size of a page of a list.</summary>
    public static PageRequest Page(this RequestReader query, byte list)
    {
        var place = long.MaxValue;
        if (query.CursorText() is { } cursor && !Cursor.TryRead(cursor, list, out place))
        {
            query.RefuseCursor();
        }

        return new PageRequest(place, query.Limit());
    }

    public static string? CursorText(this RequestReader query) =>
        query.Raw(new RequestMember("cursor", "string", "The `next_cursor` of the page before.") { Pattern = Patterns.Cursor });

    public static void RefuseCursor(this RequestReader query) =>
        query.Refuse<string>("cursor", "is not a cursor of this list; expected the next_cursor of the page before, unchanged");

    public static int Limit(this RequestReader query)
    {
        var text = query.Raw(new RequestMember("limit", "integer", "1 to 1,000; 50 when not given.") { Min = 1, Max = MaxLimit, Default = DefaultLimit });
        return text is null ? DefaultLimit
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MaxLimit ? count
            : query.Refuse("limit", $"\"{text}\" is not accepted; expected a whole number from 1 to {MaxLimit}", DefaultLimit);
    }

    private static DateTimeOffset? Time(RequestReader given, string name, string? value, string hint)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return value is null ? null
            : DateTimeOffset.TryParseExact(value, TimeForms, CultureInfo.InvariantCulture, Utc, out var time) ? time
            : given.Refuse<DateTimeOffset?>(name, $"\"{value}\" is not a time; expected ISO 8601, such as 2026-01-31T12:00:00Z{hint}");
    }
}
