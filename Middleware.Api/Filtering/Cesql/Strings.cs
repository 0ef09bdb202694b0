namespace Middleware.Filtering.Cesql;

/// <summary>The larger functions on strings. They count characters, not halves of surrogate pairs.</summary>
internal static class Strings
{
    // An expression may name a large attribute a thousand times.
    private const int MostJoined = 1_048_576;

    /// <summary>The characters that delimiters add to the arguments of a function that joins.</summary>
    public static long LengthOfDelimiters(Function function, ReadOnlySpan<CesqlValue> arguments) =>
        function.Parameters.IsEmpty ? 0 : Math.Min(MostJoined, (long)arguments[0].Text.Length * arguments.Length);

    public static CesqlResult Join(string delimiter, ReadOnlySpan<CesqlValue> values, int position)
    {
        var texts = new string[values.Length];
        var length = (long)delimiter.Length * texts.Length;
        for (var index = 0; index < texts.Length; index++)
        {
            texts[index] = values[index].Text;
            length += texts[index].Length;
        }

        return length <= MostJoined
            ? CesqlResult.Of(string.Join(delimiter, texts))
            : CesqlResult.Failed(CesqlType.String, new CesqlFault(CesqlFaultKind.FunctionEvaluation, position, "the string would be too long"));
    }

    public static CesqlResult Left(string text, int length, int position) =>
        length < 0 ? NegativeLength(text, position) : CesqlResult.Of(text[..Characters.Skip(text, length)]);

    public static CesqlResult Right(string text, int length, int position) => length < 0
        ? NegativeLength(text, position)
        : CesqlResult.Of(text[Characters.Skip(text, Math.Max(0, Characters.Count(text) - length))..]);

    /// <summary>A part from <paramref name="first"/>, which counts from 1, or from the end when it is negative; 0 gives the empty string.</summary>
    public static CesqlResult Substring(string text, int first, int length, int position)
    {
        var count = Characters.Count(text);
        if (length < 0)
        {
            return NegativeLength("", position);
        }

        if (first > count || first < -count)
        {
            return new(new CesqlValue(""), new CesqlFault(CesqlFaultKind.FunctionEvaluation, position, "the position is outside of the string"));
        }

        if (first == 0)
        {
            return CesqlResult.Of("");
        }

        var rest = text.AsSpan(Characters.Skip(text, first > 0 ? first - 1 : count + first));
        return CesqlResult.Of(rest[..Characters.Skip(rest, length)].ToString());
    }

    private static CesqlResult NegativeLength(string value, int position) =>
        new(new CesqlValue(value), new CesqlFault(CesqlFaultKind.FunctionEvaluation, position, "the length is negative"));
}
