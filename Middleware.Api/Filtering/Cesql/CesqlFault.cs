using System.Text.Json.Serialization;

namespace Middleware.Filtering.Cesql;

/// <summary>The kinds of errors of CloudEvents SQL, and one of ours.</summary>
internal enum CesqlFaultKind
{
    /// <summary>The text is no expression.</summary>
    [JsonStringEnumMemberName("parse")]
    Parse,

    /// <summary>A division by zero, or a result that is not an integer of 32 bits.</summary>
    [JsonStringEnumMemberName("math")]
    Math,

    /// <summary>A value cannot be read as one of the type that is needed.</summary>
    [JsonStringEnumMemberName("cast")]
    Cast,

    /// <summary>The event has no such attribute.</summary>
    [JsonStringEnumMemberName("missing_attribute")]
    MissingAttribute,

    /// <summary>There is no function of this name with so many arguments.</summary>
    [JsonStringEnumMemberName("missing_function")]
    MissingFunction,

    /// <summary>A function cannot take its arguments.</summary>
    [JsonStringEnumMemberName("function_evaluation")]
    FunctionEvaluation,

    /// <summary>Any other.</summary>
    [JsonStringEnumMemberName("generic")]
    Generic,

    /// <summary>The evaluation would cost more steps than it may; not an error of the specification.</summary>
    [JsonStringEnumMemberName("too_costly")]
    TooCostly,
}

/// <summary>A fault of an expression, or of its evaluation.</summary>
/// <param name="Kind">The kind in the specification.</param>
/// <param name="Position">The place in the text of the expression: its UTF-16 characters counted from zero.</param>
/// <param name="Reason">For the author of the expression; never holds a value of an event.</param>
internal sealed record CesqlFault(CesqlFaultKind Kind, int Position, string Reason)
{
    public static CesqlFault TooCostly(int position) => new(CesqlFaultKind.TooCostly, position, "looks at more characters of the event than a filter may");
}
