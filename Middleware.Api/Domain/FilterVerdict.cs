using Middleware.Cesql;

namespace Middleware.Domain;

/// <summary>What is wrong with a part of a filter.</summary>
/// <param name="Field">Such as <c>filter.event_types[2]</c>.</param>
/// <param name="Fault">And what is accepted, for people.</param>
internal readonly record struct FilterFault(string Field, string Fault);

/// <summary>
/// What each part of a filter says of an event, one that is not given yes, and what went wrong when the expression was evaluated.
/// </summary>
internal sealed record FilterVerdict(bool EventTypes, bool Sources, bool MinPriority, bool Expression, ExpressionFault? ExpressionFault)
{
    public bool Matches => EventTypes && Sources && MinPriority && Expression;
}

/// <summary>Why an expression gave neither true nor false for an event.</summary>
/// <param name="Kind">One of the errors of CloudEvents SQL, such as <c>missing_attribute</c>.</param>
/// <param name="Position">Where in the expression, in UTF-16 characters from zero.</param>
/// <param name="Reason">For people; holds no value of the event.</param>
internal sealed record ExpressionFault(string Kind, int Position, string Reason)
{
    /// <summary>All kinds that an expression which was read can have.</summary>
    public static readonly IReadOnlyList<string> Kinds =
        [.. Enum.GetValues<CesqlFaultKind>().Except([CesqlFaultKind.Parse, CesqlFaultKind.MissingFunction]).Select(static kind => kind.Name())];

    /// <summary>Null for a result that is true or false.</summary>
    public static ExpressionFault? Of(CesqlResult result) => result switch
    {
        { Fault: { } fault } => new(fault.Kind.Name(), fault.Position, fault.Reason),
        { Value.Type: CesqlType.Boolean } => null,
        _ => new(CesqlFaultKind.Generic.Name(), 0, $"the expression gives {(result.Value.Type == CesqlType.Integer ? "an integer" : "a string")}, not true or false"),
    };
}
