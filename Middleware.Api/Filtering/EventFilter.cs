using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Middleware.Events;
using Middleware.Filtering.Cesql;

namespace Middleware.Filtering;

/// <summary>The events that an endpoint gets: those for which all parts hold.</summary>
/// <remarks>Its expression is compiled once, when it is read.</remarks>
internal sealed record EventFilter
{
    /// <summary>The filter without any part.</summary>
    public static readonly EventFilter Everything = new();

    /// <summary>The filter that no event meets.</summary>
    public static readonly EventFilter Nothing = new(CesqlExpression.Parse("FALSE").Expression) { Expression = "FALSE" };

    private readonly CesqlExpression? _compiled;

    private EventFilter()
    {
    }

    private EventFilter(CesqlExpression? compiled) => _compiled = compiled;

    /// <summary>Names and patterns, of which the event type must meet one; empty for any.</summary>
    public NamePatterns EventTypes { get; private init; } = NamePatterns.Any;

    /// <summary>Names and patterns, of which the source must meet one; empty for any.</summary>
    public NamePatterns Sources { get; private init; } = NamePatterns.Any;

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>: this priority or a higher one; null for any.</summary>
    public Priority? MinPriority { get; private init; }

    /// <summary>CloudEvents SQL 1.0, which must be true; null for none.</summary>
    public string? Expression { get; private init; }

    /// <summary>The cost of any judgement by the length of the expression alone, in steps.</summary>
    [JsonIgnore]
    public int OwnSteps => _compiled?.Steps ?? 0;

    /// <summary>Reads a filter, or names all its faults. A null or empty part is not given.</summary>
    public static bool TryCreate(
        IReadOnlyList<string?>? eventTypes,
        IReadOnlyList<string?>? sources,
        string? minPriority,
        string? expression,
        [NotNullWhen(true)] out EventFilter? filter,
        out IReadOnlyList<FilterFault> faults)
    {
        List<FilterFault> found = [];
        var compiled = expression is null ? null : Compile(expression, found);
        var read = new EventFilter(compiled)
        {
            EventTypes = NamePatterns.Read("filter.event_types", eventTypes ?? [], found),
            Sources = NamePatterns.Read("filter.sources", sources ?? [], found),
            MinPriority = minPriority is null ? null : ReadPriority(minPriority, found),
            Expression = expression,
        };

        faults = found;
        filter = found.Count > 0 ? null : read == Everything ? Everything : read;
        return filter is not null;
    }

    /// <summary>
    /// True when all parts hold; the expression is asked last. A faulty expression does not hold, nor does one that spends the budget.
    /// </summary>
    public bool Matches(FilteredEvent filtered, ref StepBudget budget) =>
        MatchesPriority(filtered)
        && EventTypes.Matches(filtered.EventType, ref budget)
        && Sources.Matches(filtered.Source, ref budget)
        && (_compiled is null || _compiled.Evaluate(filtered, ref budget).IsMatch);

    /// <summary>Judges an event by each part, whatever the other parts hold, with the budget of a sole filter.</summary>
    public FilterVerdict Judge(IntegrationEvent accepted)
    {
        var filtered = new FilteredEvent(accepted);
        var budget = new StepBudget(new FilterBudget(accepted.Payload.Length).For(this));
        var (isType, isSource) = (EventTypes.Matches(filtered.EventType, ref budget), Sources.Matches(filtered.Source, ref budget));
        var result = _compiled?.Evaluate(filtered, ref budget)
            ?? (budget.IsSpent ? CesqlResult.Failed(CesqlType.Boolean, CesqlFault.TooCostly(position: 0)) : CesqlResult.Of(true));
        return new FilterVerdict(new FilterParts(isType, isSource, MatchesPriority(filtered), result.IsMatch), ExpressionFault.Of(result));
    }

    /// <summary>Equality by the texts of the parts.</summary>
    public bool Equals(EventFilter? other) =>
        other is not null
        && MinPriority == other.MinPriority
        && Expression == other.Expression
        && EventTypes.Equals(other.EventTypes)
        && Sources.Equals(other.Sources);

    public override int GetHashCode() => HashCode.Combine(EventTypes, Sources, MinPriority, Expression);

    private static CesqlExpression? Compile(string expression, List<FilterFault> faults)
    {
        var parsed = CesqlExpression.Parse(expression);
        if (!parsed.IsValid)
        {
            faults.Add(new FilterFault("filter.expression", $"at character {parsed.Fault.Position}: {parsed.Fault.Reason}"));
        }

        return parsed.Expression;
    }

    private static Priority? ReadPriority(string name, List<FilterFault> faults)
    {
        var priority = Priorities.Names.Find(name);
        if (priority is null)
        {
            faults.Add(new FilterFault("filter.min_priority", Priorities.Names.Fault(name)));
        }

        return priority;
    }

    private bool MatchesPriority(FilteredEvent filtered) => MinPriority is not { } least || filtered.Priority >= least;
}
