using System.Text;

namespace Middleware.Events;

/// <summary>Makes attributes of CloudEvents 1.0 from a source's texts.</summary>
internal static class CloudEventText
{
    /// <summary>Replaces the characters that CloudEvents forbids in a string: control characters and noncharacters become U+FFFD.</summary>
    public static string Clean(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(IsAllowed(rune) ? rune : Rune.ReplacementChar);
        }

        return clean.ToString();
    }

    private static bool IsAllowed(Rune rune) =>
        !Rune.IsControl(rune) && (rune.Value & 0xFFFE) != 0xFFFE && rune.Value is not (>= 0xFDD0 and <= 0xFDEF);
}
