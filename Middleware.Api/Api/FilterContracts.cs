using Middleware.Domain;

namespace Middleware.Api;

/// <summary>Which events an endpoint hears of: those for which all parts hold.</summary>
public sealed record FilterContract
{
    /// <summary>Names and patterns, of which the event type must meet one; empty for any.</summary>
    public IReadOnlyList<string> EventTypes { get; init; } = [];

    /// <summary>The same for the source.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>: this priority or a higher one; null for any.</summary>
    [OneOf<Priority>]
    public string? MinPriority { get; init; }

    /// <summary>CloudEvents SQL 1.0, which must be true; null for none.</summary>
    public string? Expression { get; init; }
}

/// <summary>What a filter says of an event.</summary>
/// <param name="Matches">Whether all parts hold.</param>
/// <param name="Parts">Each of them.</param>
/// <param name="Error">What went wrong when the expression was evaluated; null for nothing.</param>
public sealed record FilterTestResult(bool Matches, FilterTestParts Parts, FilterTestError? Error);

/// <summary>Which parts of a filter hold; one that is not given does.</summary>
/// <param name="EventTypes">The event's type meets one.</param>
/// <param name="Sources">The event's source meets one.</param>
/// <param name="MinPriority">The event's priority is high enough.</param>
/// <param name="Expression">It is true.</param>
public sealed record FilterTestParts(bool EventTypes, bool Sources, bool MinPriority, bool Expression);

/// <summary>Why an expression was neither true nor false.</summary>
/// <param name="Kind"><c>missing_attribute</c>, <c>cast</c>, <c>math</c>, <c>function_evaluation</c>, <c>too_costly</c> or <c>generic</c>.</param>
/// <param name="Position">Where in the expression, in characters from zero.</param>
/// <param name="Reason">For people.</param>
public sealed record FilterTestError([property: OneOf<ExpressionFault>] string Kind, int Position, string Reason);
