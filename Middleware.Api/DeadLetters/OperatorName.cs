using System.Diagnostics.CodeAnalysis;
using Middleware.Http;

namespace Middleware.DeadLetters;

/// <summary>
/// The name of the operator: the caller, and the person in the <c>X-Operator</c> header (1-128 visible characters and spaces between them). Where no
/// credential is asked for, the header is the name.
/// </summary>
internal static class OperatorName
{
    public const string Header = "X-Operator";
    public const string Fault = "must name the operator once, with 1 to 128 visible characters";

    private const int MaxLength = 128;

    public static bool TryRead(HttpContext context, [NotNullWhen(true)] out string? name)
    {
        var (caller, values) = (context.Caller(), context.Request.Headers[Header]);
        if (caller != Caller.Anonymous && values.Count == 0)
        {
            name = caller.Name;
            return true;
        }

        name = values.Count == 1 ? values[0]?.Trim() : null;
        if (name is not { Length: >= 1 and <= MaxLength } || name.Any(char.IsControl))
        {
            return false;
        }

        name = caller == Caller.Anonymous ? name : $"{caller.Name} ({name})";
        return true;
    }
}
