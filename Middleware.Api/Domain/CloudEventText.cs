using System.Buffers;
using System.Globalization;
using System.Text;

namespace Middleware.Domain;

/// <summary>Makes attributes of CloudEvents 1.0 of what a source may have sent as text.</summary>
internal static class CloudEventText
{
    /// <summary>What a URI-reference (RFC 3986) may have as it is, but for brackets, which only a host of numbers has.</summary>
    private static readonly SearchValues<char> UriCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'()*+,;=");

    /// <summary>A string without what CloudEvents forbids in one: control characters and noncharacters are U+FFFD.</summary>
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

    /// <summary>A URI-reference: what none may have is percent-encoded as UTF-8, what is legal stays, encoded or not.</summary>
    public static string UriReference(string text)
    {
        var colon = ColonThatNamesNoScheme(text);
        if (colon < 0 && !text.AsSpan().ContainsAnyExcept(UriCharacters) && text.IndexOf('#', StringComparison.Ordinal) == text.LastIndexOf('#'))
        {
            return text;
        }

        var reference = new StringBuilder(text.Length + 16);
        var hasFragment = false;
        Span<byte> utf8 = stackalloc byte[4];
        for (var index = 0; index < text.Length;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(index), out var rune, out var length);
            var isLegal = text[index] switch
            {
                '%' => index + 2 < text.Length && char.IsAsciiHexDigit(text[index + 1]) && char.IsAsciiHexDigit(text[index + 2]),
                '#' => !hasFragment && (hasFragment = true),
                ':' => index != colon,
                var character => UriCharacters.Contains(character),
            };
            if (isLegal)
            {
                reference.Append(text[index]);
            }
            else
            {
                foreach (var octet in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    reference.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
                }
            }

            index += length;
        }

        return reference.ToString();
    }

    private static bool IsAllowed(Rune rune) =>
        !Rune.IsControl(rune) && (rune.Value & 0xFFFE) != 0xFFFE && rune.Value is not (>= 0xFDD0 and <= 0xFDEF);

    /// <summary>The first colon, where what is before it is no scheme: the first segment of a relative reference must not have one. Negative for none.</summary>
    private static int ColonThatNamesNoScheme(string text)
    {
        var end = text.AsSpan().IndexOfAny(":/?#");
        if (end < 0 || text[end] != ':')
        {
            return -1;
        }

        var scheme = text.AsSpan(0, end);
        var isScheme = end > 0 && char.IsAsciiLetter(scheme[0]);
        foreach (var character in scheme)
        {
            isScheme &= char.IsAsciiLetterOrDigit(character) || character is '+' or '-' or '.';
        }

        return isScheme ? -1 : end;
    }
}
