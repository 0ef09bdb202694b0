using System.Globalization;
using System.Text.RegularExpressions;
using AspireIntegration.Client.Operating;
using AspireIntegration.Console.Feedback;

namespace AspireIntegration.Console.Filters;

/// <summary>The fault of an expression, and the expression around it.</summary>
/// <param name="Position">Its place, in characters from zero.</param>
/// <param name="Reason">For people.</param>
/// <param name="Before">The expression before it.</param>
/// <param name="At">The character at it; a sign for the end.</param>
/// <param name="After">The expression behind it.</param>
internal sealed partial record ExpressionFault(int Position, string Reason, string Before, string At, string After)
{
    /// <summary>The fault of a test: of the evaluation, or of the syntax, for which the test is refused. Null without one.</summary>
    public static ExpressionFault? Of(string expression, FilterTestError? error, Fault? refusal)
    {
        if (error is not null)
        {
            return Around(expression, error.Position, error.Reason);
        }

        var text = refusal?.Fields.Where(static field => field.Key.EndsWith("expression", StringComparison.Ordinal)).SelectMany(static field => field.Value).FirstOrDefault();
        return text is not null && AtCharacter().Match(text) is { Success: true } match
            && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? Around(expression, position, match.Groups[2].Value)
            : null;
    }

    private static ExpressionFault Around(string expression, int position, string reason)
    {
        var start = Math.Clamp(position, 0, expression.Length);
        var length = start == expression.Length ? 0 : start + 1 < expression.Length && char.IsSurrogatePair(expression, start) ? 2 : 1;
        return new ExpressionFault(position, reason, expression[..start], length == 0 ? "⌷" : expression.Substring(start, length), expression[(start + length)..]);
    }

    [GeneratedRegex(@"^at character ([0-9]{1,9}): (.*)$", RegexOptions.Singleline)]
    private static partial Regex AtCharacter();
}
