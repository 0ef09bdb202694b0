using System.Text.Json.Serialization;
using Middleware.Filtering.Cesql;

namespace Middleware.Filtering;

/// <summary>What is wrong with a part of a filter.</summary>
/// <param name="Field">Such as <c>filter.event_types[2]</c>.</param>
/// <param name="Fault">And what is accepted, for people.</param>
internal readonly record struct FilterFault(string Field, string Fault);

/// <summary>What a filter says of an event.</summary>
/// <param name="Parts">Each of them.</param>
/// <param name="Error">What went wrong when the expression was evaluated; null for nothing.</param>
internal sealed record FilterVerdict(FilterParts Parts, ExpressionFault? Error)
{
    /// <summary>Whether all parts hold.</summary>
    [JsonPropertyOrder(-1)]
    public bool Matches => Parts is { EventTypes: true, Sources: true, MinPriority: true, Expression: true };
}

/// <summary>Which parts of a filter hold; one that is not given does.</summary>
/// <param name="EventTypes">The event's type meets one.</param>
/// <param name="Sources">The event's source meets one.</param>
/// <param name="MinPriority">The event's priority is high enough.</param>
/// <param name="Expression">It is true.</param>
internal sealed record FilterParts(bool EventTypes, bool Sources, bool MinPriority, bool Expression);

/// <summary>Why an expression was neither true nor false.</summary>
/// <param name="Kind"><c>missing_attribute</c>, <c>cast</c>, <c>math</c>, <c>function_evaluation</c>, <c>too_costly</c> or <c>generic</c>.</param>
/// <param name="Position">Where in the expression, in characters from zero.</param>
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
