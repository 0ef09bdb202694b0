using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Middleware.Domain;

namespace Middleware.Api;

/// <summary>Which events an endpoint is to hear of: those for which all given parts hold; <c>{}</c> takes everything. A part that is null is not given.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FilterRequest
{
    /// <summary>At most 50 names or patterns of at most 256 characters, of which the event type must meet one; <c>*</c> stands for any characters.</summary>
    [MaxLength(NamePatterns.MaxCount), Each(Pattern = Patterns.NotBlank, MaxLength = NamePatterns.MaxLength)]
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>The same for the source.</summary>
    [MaxLength(NamePatterns.MaxCount), Each(Pattern = Patterns.NotBlank, MaxLength = NamePatterns.MaxLength)]
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>: this priority or a higher one.</summary>
    [OneOf<Priority>]
    public string? MinPriority { get; init; }

    /// <summary>CloudEvents SQL 1.0 of at most 4,096 characters, which must be true; an attribute the event lacks is no match.</summary>
    [MaxLength(4_096)]
    public string? Expression { get; init; }
}

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

/// <summary>A filter and an event to try it on.</summary>
/// <param name="Filter">Required; <c>{}</c> takes everything.</param>
/// <param name="Event">As it would be sent to <c>/integrations/events</c>. Required.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record FilterTestRequest(FilterRequest Filter, EventRequest Event);

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
