using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Middleware.Filtering.Cesql;

/// <summary>All functions by name, in any case.</summary>
internal static class FunctionTable
{
    private const CesqlType String = CesqlType.String;
    private const CesqlType Integer = CesqlType.Integer;
    private const CesqlType Boolean = CesqlType.Boolean;

    private static readonly FrozenDictionary<string, Function[]> Overloads = new Dictionary<string, Function[]>
    {
        ["INT"] = [new([null], Integer, (x, position) => Cast(x[0], Integer, position))],
        ["BOOL"] = [new([null], Boolean, (x, position) => Cast(x[0], Boolean, position))],
        ["STRING"] = [new([null], String, (x, position) => Cast(x[0], String, position))],
        ["IS_INT"] = [new([null], Boolean, (x, _) => CesqlResult.Of(Casting.TryCast(x[0], Integer, out var _)))],
        ["IS_BOOL"] = [new([null], Boolean, (x, _) => CesqlResult.Of(Casting.TryCast(x[0], Boolean, out var _)))],
        ["ABS"] = [new([Integer], Integer, (x, position) => Abs(x[0].Number, position))],
        ["LENGTH"] = [new([String], Integer, (x, _) => CesqlResult.Of(Characters.Count(x[0].Text)))],
        ["CONCAT"] = [new([], String, (x, position) => Strings.Join("", x, position)) { IsVariadic = true }],
        ["CONCAT_WS"] = [new([String], String, (x, position) => Strings.Join(x[0].Text, x[1..], position)) { IsVariadic = true }],
        ["LOWER"] = [new([String], String, (x, _) => CesqlResult.Of(x[0].Text.ToLowerInvariant()))],
        ["UPPER"] = [new([String], String, (x, _) => CesqlResult.Of(x[0].Text.ToUpperInvariant()))],
        ["TRIM"] = [new([String], String, (x, _) => CesqlResult.Of(x[0].Text.Trim()))],
        ["LEFT"] = [new([String, Integer], String, (x, position) => Strings.Left(x[0].Text, x[1].Number, position))],
        ["RIGHT"] = [new([String, Integer], String, (x, position) => Strings.Right(x[0].Text, x[1].Number, position))],
        ["SUBSTRING"] =
        [
            new([String, Integer], String, (x, position) => Strings.Substring(x[0].Text, x[1].Number, int.MaxValue, position)),
            new([String, Integer, Integer], String, (x, position) => Strings.Substring(x[0].Text, x[1].Number, x[2].Number, position)),
        ],
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The function of a name that takes so many arguments, or the fault.</summary>
    public static bool TryFind(string name, int arguments, [NotNullWhen(true)] out Function? function, out string reason)
    {
        var overloads = Overloads.GetValueOrDefault(name, []);
        function = Array.Find(overloads, overload => overload.Takes(arguments));
        reason = (function, overloads) switch
        {
            (not null, _) => "",
            (_, []) => $"there is no function {name}",
            _ => string.Create(CultureInfo.InvariantCulture, $"wrong number of arguments: {name} takes {string.Join(" or ", overloads.Select(Arity))}, not {arguments}"),
        };
        return function is not null;
    }

    private static string Arity(Function function) =>
        string.Create(CultureInfo.InvariantCulture, $"{function.Parameters.Length}{(function.IsVariadic ? " or more" : "")}");

    private static CesqlResult Cast(CesqlValue value, CesqlType type, int position) => Casting.TryCast(value, type, out var cast)
        ? new(cast)
        : CesqlResult.Failed(type, Casting.Fault(position, type));

    /// <summary>The specification's value for the one integer without an absolute value.</summary>
    private static CesqlResult Abs(int number, int position) => number == int.MinValue
        ? new(new CesqlValue(int.MaxValue), new CesqlFault(CesqlFaultKind.Math, position, "the absolute value is not an integer of 32 bits"))
        : CesqlResult.Of(Math.Abs(number));
}

/// <summary>The evaluation of a function for arguments of its types.</summary>
/// <param name="arguments">As many as the function takes.</param>
/// <param name="position">The place of the call, for faults.</param>
internal delegate CesqlResult FunctionBody(ReadOnlySpan<CesqlValue> arguments, int position);

/// <summary>One of the overloads of a function; they differ in the number of their parameters.</summary>
/// <param name="Parameters">The types of the parameters; null for any.</param>
/// <param name="Returns">The type of the result.</param>
/// <param name="Body">Its evaluation.</param>
internal sealed record Function(ImmutableArray<CesqlType?> Parameters, CesqlType Returns, FunctionBody Body)
{
    /// <summary>True when any number of strings may follow the parameters.</summary>
    public bool IsVariadic { get; init; }

    public bool Takes(int arguments) => arguments == Parameters.Length || (IsVariadic && arguments > Parameters.Length);

    public CesqlType? TypeOf(int argument) => argument < Parameters.Length ? Parameters[argument] : CesqlType.String;
}
