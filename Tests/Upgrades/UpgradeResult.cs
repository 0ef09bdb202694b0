using System.Globalization;
using System.Text;

namespace Tests.Upgrades;

/// <summary>The figures of one replacement, from its SIGTERM to the next one or to the end of the load.</summary>
internal sealed record ReplacementFigures
{
    public required string Name { get; init; }

    /// <summary>From SIGTERM to the end of the process.</summary>
    public required TimeSpan Stop { get; init; }

    /// <summary>From there until the next process is ready, with all changes of the schema.</summary>
    public required TimeSpan Start { get; init; }

    /// <summary>The longest time in which no event was answered with 200.</summary>
    public required TimeSpan Accepting { get; init; }

    /// <summary>The longest time in which no delivery was answered.</summary>
    public required TimeSpan Delivering { get; init; }

    /// <summary>The longest time from the first request of an event to its answer.</summary>
    public required TimeSpan Slowest { get; init; }

    public required int Duplicated { get; init; }

    public required int Refused { get; init; }

    public required int Broken { get; init; }

    public required int Unavailable { get; init; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: stopped in {Stop.TotalSeconds:0.00} s, ready after {Start.TotalSeconds:0.00} s; longest gap in accepting {Accepting.TotalSeconds:0.00} s, in delivery {Delivering.TotalSeconds:0.00} s; slowest sender {Slowest.TotalSeconds:0.00} s; duplicated {Duplicated}; requests refused {Refused}, broken {Broken}, answered 503 {Unavailable}");
}

/// <summary>The figures of upgrades under load, and the promises that were broken.</summary>
internal sealed record UpgradeResult
{
    public required int Events { get; init; }

    public required int Lost { get; init; }

    public required int Duplicated { get; init; }

    public required IReadOnlyList<ReplacementFigures> Replacements { get; init; }

    public required IReadOnlyList<string> Violations { get; init; }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"events: {Events}, lost: {Lost}, duplicated: {Duplicated}");
        foreach (var one in Replacements)
        {
            text.AppendLine(one.ToString());
        }

        foreach (var violation in Violations)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"BROKEN {violation}");
        }

        return text.ToString();
    }
}
