using AspireIntegration.Client.Publishing;

namespace AspireIntegration.Client.Operating;

/// <summary>
/// The events that an endpoint gets: those for which all given parts hold; <c>{}</c> takes everything. A part that is null is not given.
/// </summary>
public sealed record FilterRequest
{
    /// <summary>
    /// At most 50 names or patterns of at most 256 characters, of which the event type must meet one; <c>*</c> stands for any characters.
    /// </summary>
    public IReadOnlyList<string>? EventTypes { get; init; }

    /// <summary>The same for the source.</summary>
    public IReadOnlyList<string>? Sources { get; init; }

    /// <summary><c>critical</c>, <c>high</c>, <c>medium</c> or <c>low</c>: this priority or a higher one.</summary>
    public Priority? MinPriority { get; init; }

    /// <summary>CloudEvents SQL 1.0 of at most 4,096 characters, which must be true; an attribute the event lacks is no match.</summary>
    public string? Expression { get; init; }
}

/// <summary>A filter and an event to test it on.</summary>
public sealed record FilterTestRequest
{
    /// <summary>Required; <c>{}</c> takes everything.</summary>
    public required FilterRequest Filter { get; init; }

    /// <summary>As it would be sent to <c>/integrations/events</c>. Required.</summary>
    public required EventToPublish Event { get; init; }
}

/// <summary>The verdict of a filter on an event.</summary>
public sealed record FilterTestResult
{
    /// <summary>True when all parts hold.</summary>
    public bool Matches { get; init; }

    /// <summary>The verdict of each part.</summary>
    public FilterTestParts Parts { get => field ??= new(); init; }

    /// <summary>The fault of the expression; null without one.</summary>
    public FilterTestError? Error { get; init; }
}

/// <summary>The parts of a filter that hold, those that are not given included.</summary>
public sealed record FilterTestParts
{
    /// <summary>The event's type meets one.</summary>
    public bool EventTypes { get; init; }

    /// <summary>The event's source meets one.</summary>
    public bool Sources { get; init; }

    /// <summary>The event's priority is high enough.</summary>
    public bool MinPriority { get; init; }

    /// <summary>It is true.</summary>
    public bool Expression { get; init; }
}

/// <summary>The fault for which an expression was neither true nor false.</summary>
public sealed record FilterTestError
{
    /// <summary><c>missing_attribute</c>, <c>cast</c>, <c>math</c>, <c>function_evaluation</c>, <c>too_costly</c> or <c>generic</c>.</summary>
    public ExpressionFaultKind Kind { get; init; }

    /// <summary>The place in the expression, in characters from zero.</summary>
    public int Position { get; init; }

    /// <summary>For people.</summary>
    public string Reason { get => field ?? ""; init; }
}
