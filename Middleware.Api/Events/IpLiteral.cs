using System.Buffers;
using System.Globalization;

namespace Middleware.Events;

/// <summary>
/// The address in brackets that a URI may have as its host (RFC 3986, section 3.2.2). The base library's parser also takes zones, leading zeros and
/// other texts outside the grammar.
/// </summary>
internal static class IpLiteral
{
    private const int Groups = 8;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789ABCDEFabcdef");

    private static readonly SearchValues<char> OfFuture =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:");

    public static bool Is(ReadOnlySpan<char> host) => host is ['[', .. var address, ']'] && (IsVersion6(address) || IsOfFuture(address));

    private static bool IsOfFuture(ReadOnlySpan<char> address)
    {
        var dot = address.IndexOf('.');
        return address is ['v' or 'V', ..]
            && dot > 1
            && AreHexDigits(address[1..dot])
            && address.Length > dot + 1
            && !address[(dot + 1)..].ContainsAnyExcept(OfFuture);
    }

    private static bool IsVersion6(ReadOnlySpan<char> address)
    {
        var gap = address.IndexOf("::");
        return gap < 0
            ? CountGroups(address, isEnd: true) == Groups
            : CountGroups(address[..gap], isEnd: false) + CountGroups(address[(gap + 2)..], isEnd: true) < Groups;
    }

    /// <summary>Counts groups of 16 bits. A text without any counts more than an address has.</summary>
    private static int CountGroups(ReadOnlySpan<char> text, bool isEnd)
    {
        var count = 0;
        foreach (var range in text.Split(':'))
        {
            var group = text[range];
            if (group.Length is >= 1 and <= 4 && AreHexDigits(group))
            {
                count++;
            }
            else if (isEnd && range.End.Value == text.Length && IsVersion4(group))
            {
                count += 2;
            }
            else if (text.Length > 0)
            {
                return Groups + 1;
            }
        }

        return count;
    }

    private static bool IsVersion4(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            var octet = text[range];
            if (!byte.TryParse(octet, NumberStyles.None, CultureInfo.InvariantCulture, out _) || octet is ['0', _, ..])
            {
                return false;
            }

            count++;
        }

        return count == 4;
    }

    private static bool AreHexDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(HexDigits);
}
