namespace Tests.Middleware.Events;

/// <summary>The grammar of RFC 3986, appendix A, rule by rule: what is a URI-reference and what is none.</summary>
internal static class UriReferenceGrammar
{
    /// <summary>All places where a rule may end that begins at one.</summary>
    private delegate int[] Rule(string text, int start);

    private static readonly Rule Digit = One(char.IsAsciiDigit);
    private static readonly Rule HexDigit = One(char.IsAsciiHexDigit);
    private static readonly Rule PctEncoded = Row(Text("%"), HexDigit, HexDigit);
    private static readonly Rule Pchar = Any(PctEncoded, Plain(":@"));

    private static readonly Rule Segment = Many(Pchar);
    private static readonly Rule SegmentNz = Many(Pchar, 1);
    private static readonly Rule SegmentNzNc = Many(Any(PctEncoded, Plain("@")), 1);
    private static readonly Rule PathAbEmpty = Many(Row(Text("/"), Segment));
    private static readonly Rule PathAbsolute = Row(Text("/"), Maybe(Row(SegmentNz, PathAbEmpty)));
    private static readonly Rule PathNoScheme = Row(SegmentNzNc, PathAbEmpty);
    private static readonly Rule PathRootless = Row(SegmentNz, PathAbEmpty);
    private static readonly Rule PathEmpty = Row();

    private static readonly Rule DecOctet = Any(
        Digit,
        Row(One(static c => c is >= '1' and <= '9'), Digit),
        Row(Text("1"), Digit, Digit),
        Row(Text("2"), One(static c => c is >= '0' and <= '4'), Digit),
        Row(Text("25"), One(static c => c is >= '0' and <= '5')));

    private static readonly Rule IPv4Address = Row(DecOctet, Text("."), DecOctet, Text("."), DecOctet, Text("."), DecOctet);
    private static readonly Rule H16 = Many(HexDigit, 1, 4);
    private static readonly Rule H16Colon = Row(H16, Text(":"));
    private static readonly Rule Ls32 = Any(Row(H16Colon, H16), IPv4Address);

    private static readonly Rule IPv6Address = Any(
        Row(Many(H16Colon, 6, 6), Ls32),
        Row(Text("::"), Many(H16Colon, 5, 5), Ls32),
        Row(Maybe(H16), Text("::"), Many(H16Colon, 4, 4), Ls32),
        Row(Maybe(Row(Many(H16Colon, 0, 1), H16)), Text("::"), Many(H16Colon, 3, 3), Ls32),
        Row(Maybe(Row(Many(H16Colon, 0, 2), H16)), Text("::"), Many(H16Colon, 2, 2), Ls32),
        Row(Maybe(Row(Many(H16Colon, 0, 3), H16)), Text("::"), H16Colon, Ls32),
        Row(Maybe(Row(Many(H16Colon, 0, 4), H16)), Text("::"), Ls32),
        Row(Maybe(Row(Many(H16Colon, 0, 5), H16)), Text("::"), H16),
        Row(Maybe(Row(Many(H16Colon, 0, 6), H16)), Text("::")));

    private static readonly Rule IPvFuture = Row(One(static c => c is 'v' or 'V'), Many(HexDigit, 1), Text("."), Many(Plain(":"), 1));

    private static readonly Rule RegName = Many(Any(PctEncoded, Plain("")));
    private static readonly Rule Host = Any(Row(Text("["), Any(IPv6Address, IPvFuture), Text("]")), IPv4Address, RegName);
    private static readonly Rule UserInfo = Many(Any(PctEncoded, Plain(":")));
    private static readonly Rule Authority = Row(Maybe(Row(UserInfo, Text("@"))), Host, Maybe(Row(Text(":"), Many(Digit))));

    private static readonly Rule Scheme = Row(One(char.IsAsciiLetter), Many(One(static c => char.IsAsciiLetterOrDigit(c) || "+-.".Contains(c))));
    private static readonly Rule WithAuthority = Row(Text("//"), Authority, PathAbEmpty);
    private static readonly Rule Query = Many(Any(Pchar, Text("/"), Text("?")));
    private static readonly Rule QueryAndFragment = Row(Maybe(Row(Text("?"), Query)), Maybe(Row(Text("#"), Query)));

    private static readonly Rule Uri = Row(Scheme, Text(":"), Any(WithAuthority, PathAbsolute, PathRootless, PathEmpty), QueryAndFragment);
    private static readonly Rule RelativeRef = Row(Any(WithAuthority, PathAbsolute, PathNoScheme, PathEmpty), QueryAndFragment);
    private static readonly Rule UriReference = Any(Uri, RelativeRef);

    public static bool Takes(string text) => UriReference(text, 0).Contains(text.Length);

    /// <summary>unreserved, sub-delims and these.</summary>
    private static Rule Plain(string others) => One(c => char.IsAsciiLetterOrDigit(c) || "-._~!$&'()*+,;=".Contains(c) || others.Contains(c));

    private static Rule One(Func<char, bool> isIt) => (text, start) => start < text.Length && isIt(text[start]) ? [start + 1] : [];

    private static Rule Text(string piece) => (text, start) => string.CompareOrdinal(text, start, piece, 0, piece.Length) == 0 ? [start + piece.Length] : [];

    private static Rule Row(params Rule[] rules) =>
        (text, start) => rules.Aggregate<Rule, int[]>([start], (ends, rule) => ends is [var end] ? rule(text, end) : [.. ends.SelectMany(end => rule(text, end)).Distinct()]);

    private static Rule Any(params Rule[] rules) => (text, start) => [.. rules.SelectMany(rule => rule(text, start)).Distinct()];

    private static Rule Maybe(Rule rule) => Many(rule, 0, 1);

    private static Rule Many(Rule rule, int least = 0, int most = int.MaxValue) => (text, start) =>
    {
        HashSet<int> all = least == 0 ? [start] : [];
        int[] ends = [start];
        for (var count = 1; count <= most && ends.Length > 0; count++)
        {
            // What was reached before is not gone on from: a rule that takes nothing would never end.
            ends = [.. ends.SelectMany(end => rule(text, end)).Distinct().Where(end => count < least || all.Add(end))];
        }

        return [.. all];
    };
}
