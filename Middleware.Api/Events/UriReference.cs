using System.Buffers;
using System.Globalization;
using System.Text;

namespace Middleware.Events;

/// <summary>
/// Makes a URI-reference of any text. Characters that must not stand in their place are percent-encoded as UTF-8. A valid reference stays as it is.
/// </summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc3986#appendix-A"/>
internal static class UriReference
{
    private const string Unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    private const string Name = Unreserved + "!$&'()*+,;=";

    // The percent sign is legal where two digits follow, which is checked in its place.
    private static readonly SearchValues<char> InPlain = SearchValues.Create(Unreserved);
    private static readonly SearchValues<char> InName = SearchValues.Create(Name);
    private static readonly SearchValues<char> InUser = SearchValues.Create(Name + ":");
    private static readonly SearchValues<char> InFirstSegment = SearchValues.Create(Name + "@");
    private static readonly SearchValues<char> InPath = SearchValues.Create(Name + ":@/");
    private static readonly SearchValues<char> InQuery = SearchValues.Create(Name + ":@/?");
    private static readonly SearchValues<char> InScheme = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");

    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(InPlain))
        {
            return text;
        }

        var reference = new StringBuilder(text.Length + 16);
        var rest = text.AsSpan();
        var fragment = CutOff(ref rest, rest.IndexOf('#'));
        var query = CutOff(ref rest, rest.IndexOf('?'));
        var schemeLength = SchemeLength(rest);
        reference.Append(rest[..schemeLength]);
        rest = rest[schemeLength..];
        if (rest.StartsWith("//"))
        {
            var authority = rest[2..];
            rest = CutOff(ref authority, authority.IndexOf('/'));
            AppendAuthority(reference.Append("//"), authority);
        }
        else if (schemeLength == 0)
        {
            // With a colon it would be read as a scheme.
            var first = rest;
            rest = CutOff(ref first, first.IndexOf('/'));
            Append(reference, first, InFirstSegment);
        }

        Append(reference, rest, InPath);
        AppendAfterSign(reference, query);
        AppendAfterSign(reference, fragment);
        return reference.ToString();
    }

    /// <summary>Takes away the text from an index on and returns it: nothing for a negative one.</summary>
    private static ReadOnlySpan<char> CutOff(scoped ref ReadOnlySpan<char> text, int index)
    {
        var end = index < 0 ? default : text[index..];
        text = text[..^end.Length];
        return end;
    }

    /// <summary>The length of the scheme with its colon; 0 for none.</summary>
    private static int SchemeLength(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        return colon > 0 && char.IsAsciiLetter(text[0]) && !text[..colon].ContainsAnyExcept(InScheme) ? colon + 1 : 0;
    }

    private static void AppendAuthority(StringBuilder reference, ReadOnlySpan<char> authority)
    {
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            Append(reference, authority[..at], InUser);
            reference.Append('@');
        }

        var host = authority[(at + 1)..];
        var portLength = host.Length - 1 - host.LastIndexOfAnyExceptInRange('0', '9');
        var port = CutOff(ref host, host[..^portLength] is [.., ':'] ? host.Length - portLength - 1 : -1);
        if (IpLiteral.Is(host))
        {
            reference.Append(host);
        }
        else
        {
            Append(reference, host, InName);
        }

        reference.Append(port);
    }

    /// <summary>Appends a query or a fragment, with its first sign; nothing for none.</summary>
    private static void AppendAfterSign(StringBuilder reference, ReadOnlySpan<char> part)
    {
        if (!part.IsEmpty)
        {
            Append(reference.Append(part[0]), part[1..], InQuery);
        }
    }

    private static void Append(StringBuilder reference, ReadOnlySpan<char> part, SearchValues<char> legal)
    {
        Span<byte> utf8 = stackalloc byte[4];
        while (part.IndexOfAnyExcept(legal) is >= 0 and var index)
        {
            reference.Append(part[..index]);
            part = part[index..];
            Rune.DecodeFromUtf16(part, out var rune, out var length);
            if (part is ['%', var high, var low, ..] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low))
            {
                reference.Append('%');
            }
            else
            {
                foreach (var octet in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    reference.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
                }
            }

            part = part[length..];
        }

        reference.Append(part);
    }
}
