using System.Diagnostics.CodeAnalysis;

namespace Middleware.DeadLetters;

/// <summary>The name of the operator in the <c>X-Operator</c> header, 1-128 visible characters and spaces between them.</summary>
internal static class OperatorName
{
    public const string Header = "X-Operator";
    public const string Fault = "must name the operator once, with 1 to 128 visible characters";

    private const int MaxLength = 128;

    public static bool TryRead(HttpRequest request, [NotNullWhen(true)] out string? name)
    {
        var values = request.Headers[Header];
        name = values.Count == 1 ? values[0]?.Trim() : null;
        return name is { Length: >= 1 and <= MaxLength } && !name.Any(char.IsControl);
    }
}
