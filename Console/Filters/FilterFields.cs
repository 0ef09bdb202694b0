using AspireIntegration.Client.Operating;
using AspireIntegration.Console.Wording;

namespace AspireIntegration.Console.Filters;

/// <summary>The parts of a filter as fields of a form have them.</summary>
internal static class FilterFields
{
    /// <summary>The filter of the fields; an empty field is a part that is not given.</summary>
    public static FilterRequest Read(string types, string sources, string least, string expression) => new()
    {
        EventTypes = Patterns(types),
        Sources = Patterns(sources),
        MinPriority = Words.Find<Priority>(least),
        Expression = string.IsNullOrWhiteSpace(expression) ? null : expression,
    };

    /// <summary>Patterns as a field has them.</summary>
    public static string Write(IEnumerable<string> patterns) => string.Join(", ", patterns);

    /// <summary>True for filters with the same parts.</summary>
    public static bool AreSame(FilterRequest? one, FilterRequest other) =>
        one is not null && one.MinPriority == other.MinPriority && one.Expression == other.Expression
        && (one.EventTypes ?? []).SequenceEqual(other.EventTypes ?? []) && (one.Sources ?? []).SequenceEqual(other.Sources ?? []);

    /// <summary>The patch that makes a filter of an endpoint this one.</summary>
    public static EndpointPatch ToPatch(FilterRequest filter) => new()
    {
        Filter = new FilterPatch
        {
            EventTypes = filter.EventTypes?.ToArray(),
            Sources = filter.Sources?.ToArray(),
            MinPriority = filter.MinPriority,
            Expression = filter.Expression,
        },
    };

    /// <summary>The parts that a filter changes of an endpoint's, each with both values for people.</summary>
    public static IReadOnlyList<(string Part, string Before, string After)> Changes(EventFilter before, FilterRequest after)
    {
        (string Part, string Before, string After)[] parts =
        [
            ("Event types", Shown(Write(before.EventTypes)), Shown(Write(after.EventTypes ?? []))),
            ("Sources", Shown(Write(before.Sources)), Shown(Write(after.Sources ?? []))),
            ("Lowest priority", Shown(before.MinPriority), Shown(after.MinPriority)),
            ("Expression", Shown(before.Expression), Shown(after.Expression)),
        ];
        return [.. parts.Where(static part => part.Before != part.After)];
    }

    private static string Shown(string? text) => string.IsNullOrEmpty(text) ? "any" : text;

    private static string Shown(Priority? priority) => priority is { } given ? Words.Of(given) : "any";

    private static string[]? Patterns(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } patterns ? patterns : null;
}
