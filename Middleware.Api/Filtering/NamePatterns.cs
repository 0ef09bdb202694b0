using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Middleware.Filtering.Cesql;

namespace Middleware.Filtering;

/// <summary>Patterns of which a name must meet one; without any, every name does.</summary>
[JsonConverter(typeof(NamePatternsConverter))]
internal sealed class NamePatterns : IEquatable<NamePatterns>
{
    public const int MaxCount = 50;
    public const int MaxLength = 256;

    public static readonly NamePatterns Any = new([]);

    // A text without any * is a name.
    private readonly ImmutableArray<(string Text, LikePattern? Pattern)> _patterns;

    private NamePatterns(ImmutableArray<(string Text, LikePattern? Pattern)> patterns) => _patterns = patterns;

    /// <summary>The names that meet them; null when there are others, because one of them is a pattern or there is none.</summary>
    public IEnumerable<string>? Names => _patterns.IsEmpty || _patterns.Any(static pattern => pattern.Pattern is not null) ? null : Texts.Distinct();

    /// <summary>The texts as they were given, in their order.</summary>
    public IEnumerable<string> Texts => _patterns.Select(static pattern => pattern.Text);

    /// <summary>Reads patterns and adds their faults to those of <paramref name="field"/>.</summary>
    public static NamePatterns Read(string field, IReadOnlyList<string?> given, List<FilterFault> faults)
    {
        if (given.Count > MaxCount)
        {
            faults.Add(new FilterFault(field, $"has {given.Count} patterns; expected at most {MaxCount} of at most {MaxLength} characters"));
            return Any;
        }

        var before = faults.Count;
        for (var index = 0; index < given.Count; index++)
        {
            if (FaultIn(given[index]) is { } fault)
            {
                faults.Add(new FilterFault($"{field}[{index}]", fault));
            }
        }

        return given.Count == 0 || faults.Count > before ? Any : new NamePatterns([.. given.Select(static text => (text!, text!.Contains('*', StringComparison.Ordinal) ? LikePattern.OfName(text) : null))]);
    }

    /// <summary>False, with the budget spent, when a judgement would cost more.</summary>
    public bool Matches(string name, ref StepBudget budget)
    {
        foreach (var (text, pattern) in _patterns)
        {
            if (pattern?.Matches(name, ref budget) ?? (budget.TryCompare(text.Length) && name == text))
            {
                return true;
            }
        }

        return _patterns.IsEmpty;
    }

    public bool Equals(NamePatterns? other) => other is not null && Texts.SequenceEqual(other.Texts);

    public override bool Equals(object? obj) => Equals(obj as NamePatterns);

    public override int GetHashCode() => _patterns.Length;

    public override string ToString() => string.Join(", ", Texts);

    private static string? FaultIn(string? text) => text switch
    {
        _ when string.IsNullOrWhiteSpace(text) => "must not be blank; expected a name such as server_down, or a pattern such as server_*",
        { Length: > MaxLength } => $"must have at most {MaxLength} characters, has {text.Length}",
        _ => null,
    };
}

/// <summary>Writes patterns as they were given.</summary>
internal sealed class NamePatternsConverter : JsonConverter<NamePatterns>
{
    public override NamePatterns Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, NamePatterns value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var text in value.Texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
