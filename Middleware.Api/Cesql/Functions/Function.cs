using System.Collections.Immutable;

namespace Middleware.Cesql.Functions;

/// <summary>What a function does with its arguments, which are of its types.</summary>
/// <param name="arguments">As many as the function takes.</param>
/// <param name="position">Where the call stands, for faults.</param>
internal delegate CesqlResult FunctionBody(ReadOnlySpan<CesqlValue> arguments, int position);

/// <summary>One of the overloads of a function; they differ in the number of their parameters.</summary>
/// <param name="Parameters">The types of the parameters; null for any.</param>
/// <param name="Returns">The type of the result.</param>
/// <param name="Body">What it does.</param>
internal sealed record Function(ImmutableArray<CesqlType?> Parameters, CesqlType Returns, FunctionBody Body)
{
    /// <summary>True when any number of strings may follow the parameters.</summary>
    public bool IsVariadic { get; init; }

    public bool Takes(int arguments) => arguments == Parameters.Length || (IsVariadic && arguments > Parameters.Length);

    public CesqlType? TypeOf(int argument) => argument < Parameters.Length ? Parameters[argument] : CesqlType.String;
}
