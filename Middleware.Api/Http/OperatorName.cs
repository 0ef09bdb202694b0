using System.Diagnostics.CodeAnalysis;
using Middleware.Events;
using ServiceDefaults;

namespace Middleware.Http;

/// <summary>
/// The person in the <c>X-Operator</c> header, 1-128 visible characters and spaces between them, beside the caller. Where no credential is asked for, the header
/// alone is the name.
/// </summary>
internal static class OperatorName
{
    public const string Header = "X-Operator";
    public const string Fault = "must name the operator once, with 1 to 128 visible characters";

    private const int MaxLength = 128;

    /// <summary>False for a header that names nobody, and for none where nobody else is known.</summary>
    public static bool TryRead(HttpContext context, [NotNullWhen(true)] out Actor? by)
    {
        var (caller, values) = (context.Caller(), context.Request.Headers[Header]);
        var note = values.Count == 1 ? values[0]?.Trim() : null;
        var isNamed = note is { Length: >= 1 and <= MaxLength } && !note.Any(char.IsControl) && !MisplacedKeys.IsIn(note);
        by = isNamed ? new Actor(caller.Name, note) : values.Count == 0 && caller != Caller.Anonymous ? new Actor(caller.Name) : null;
        return by is not null;
    }
}
