namespace Middleware.Cesql;

/// <summary>The kinds of errors of CloudEvents SQL, and one of ours.</summary>
internal enum CesqlFaultKind
{
    /// <summary>The text is no expression.</summary>
    Parse,

    /// <summary>A division by zero, or a result that is no integer of 32 bits.</summary>
    Math,

    /// <summary>A value cannot be read as one of the type that is needed.</summary>
    Cast,

    /// <summary>The event has no such attribute.</summary>
    MissingAttribute,

    /// <summary>There is no function of this name with so many arguments.</summary>
    MissingFunction,

    /// <summary>A function cannot do with the arguments it got.</summary>
    FunctionEvaluation,

    /// <summary>Any other.</summary>
    Generic,

    /// <summary>The evaluation would cost more steps than it may; not one of the specification's.</summary>
    TooCostly,
}

/// <summary>What is wrong with an expression, or went wrong in its evaluation.</summary>
/// <param name="Kind">Which of the errors of the specification it is.</param>
/// <param name="Position">Where in the text of the expression: its UTF-16 characters counted from zero.</param>
/// <param name="Reason">For whoever wrote the expression; never holds a value of an event.</param>
internal sealed record CesqlFault(CesqlFaultKind Kind, int Position, string Reason)
{
    public static CesqlFault TooCostly(int position) => new(CesqlFaultKind.TooCostly, position, "looks at more characters of the event than a filter may");
}
