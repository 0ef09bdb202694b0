using System.Text.Json.Serialization;
using Middleware.Filtering.Cesql;

namespace Middleware.Filtering;

/// <summary>A fault of a part of a filter.</summary>
/// <param name="Field">Such as <c>filter.event_types[2]</c>.</param>
/// <param name="Fault">For people, with what is expected.</param>
internal readonly record struct FilterFault(string Field, string Fault);

/// <summary>The verdict of a filter on an event.</summary>
/// <param name="Parts">The verdict of each part.</param>
/// <param name="Error">The fault of the expression's evaluation; null for none.</param>
internal sealed record FilterVerdict(FilterParts Parts, ExpressionFault? Error)
{
    /// <summary>True when all parts hold.</summary>
    [JsonPropertyOrder(-1)]
    public bool Matches => Parts is { EventTypes: true, Sources: true, MinPriority: true, Expression: true };
}

/// <summary>The parts of a filter that hold, those that are not given included.</summary>
/// <param name="EventTypes">The event's type meets one.</param>
/// <param name="Sources">The event's source meets one.</param>
/// <param name="MinPriority">The event's priority is high enough.</param>
/// <param name="Expression">It is true.</param>
internal sealed record FilterParts(bool EventTypes, bool Sources, bool MinPriority, bool Expression);

/// <summary>The fault for which an expression was neither true nor false.</summary>
/// <param name="Kind"><c>missing_attribute</c>, <c>cast</c>, <c>math</c>, <c>function_evaluation</c>, <c>too_costly</c> or <c>generic</c>.</param>
/// <param name="Position">The place in the expression, in characters from zero.</param>
/// <param name="Reason">For people.</param>
internal sealed record ExpressionFault(CesqlFaultKind Kind, int Position, string Reason)
{
    /// <summary>Null for a result that is true or false.</summary>
    public static ExpressionFault? Of(CesqlResult result) => result switch
    {
        { Fault: { } fault } => new(fault.Kind, fault.Position, fault.Reason),
        { Value.Type: CesqlType.Boolean } => null,
        _ => new(CesqlFaultKind.Generic, 0, $"the expression gives {(result.Value.Type == CesqlType.Integer ? "an integer" : "a string")}, not true or false"),
    };
}
