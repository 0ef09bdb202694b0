using System.Text;
using CsCheck;
using Middleware.Events;

namespace Tests.Middleware.Events;

/// <summary>The <c>source</c> of a CloudEvent is a URI-reference by RFC 3986, whatever the source sent.</summary>
public class UriReferenceTests
{
    private static readonly Gen<string> Sources = Gen.OneOf(
        Gen.OneOf(
            "a", "Z", "7", "f", "25", "255", "256", "01", "v1", "V", "x y", "é", "😀", "\u0001", "\"", "<", "|", "%", "%4", "%41", "%zz", "-", ".", "_", "~", "+",
            "!", "$&", "'()*", ",", ";", "=", ":", ":", "::", "/", "/", "//", "?", "#", "@", "[", "]", "http:", "https://", "urn:", "//", "[::1]", "[2001:db8::7]",
            "[::ffff:1.2.3.4]", "[v1.a:b]", "[fe80::1%25eth0]", "2001:db8::1", "1:2:3:4:5:6:7:8", "10.0.0.1", "host:80", "user:pw@")
        .Array[1, 7].Select(string.Concat),
        Gen.OneOf("0", "1", "ff", "12345", ":", ":", ":", "::", "1.2.3.4", "g").Array[0, 12].Select(static parts => $"//[{string.Concat(parts)}]"));

    public static TheoryData<string> References =>
    [
        "", "billing", "a/b:c", "a%20b", "urn:uuid:6e8bc430", "mailto:who@where.example", "localhost:8080/x", "https://a.example/b?c=d/?#e?/", "http:///x", "//",
        "///x", "//h:80/x", "//h:/x", "http://user:pw:2@h.example:8443", "http://[::1]/x", "http://u@[2001:db8::7]:80?q", "//[1:2:3:4:5:6:7::]",
        "//[::1:2:3:4:5:6:7]", "//[1:2:3:4:5:6:255.0.10.9]:", "//[V1f.a:b!]/",
    ];

    [Theory]
    [MemberData(nameof(References))]
    public void A_reference_stays_as_it_is(string source)
    {
        Assert.True(UriReferenceGrammar.Takes(source));
        Assert.Equal(source, UriReference.Of(source));
    }

    [Theory]
    [InlineData("2001:db8::1", "2001%3Adb8%3A%3A1")]
    [InlineData("00:1a:2b", "00%3A1a%3A2b")]
    [InlineData("12:30:00", "12%3A30%3A00")]
    [InlineData("1st:floor/a:b", "1st%3Afloor/a:b")]
    [InlineData("a b:c", "a%20b%3Ac")]
    [InlineData("https://host:port/x", "https://host%3Aport/x")]
    [InlineData("//h:x", "//h%3Ax")]
    [InlineData("//a:b:80", "//a%3Ab:80")]
    [InlineData("http://a@b@c/", "http://a%40b@c/")]
    [InlineData("http://a[b@c/", "http://a%5Bb@c/")]
    [InlineData("http://[::1/x", "http://%5B%3A:1/x")]
    [InlineData("http://[::1]x/", "http://%5B%3A%3A1%5Dx/")]
    [InlineData("http://[::1]:x/", "http://%5B%3A%3A1%5D%3Ax/")]
    [InlineData("http://[1:2:3:4:5:6:7:8::]/", "http://%5B1%3A2%3A3%3A4%3A5%3A6%3A7%3A8%3A%3A%5D/")]
    [InlineData("//[::01.2.3.4]", "//%5B%3A%3A01.2.3.4%5D")]
    [InlineData("//[fe80::1%25eth0]", "//%5Bfe80%3A%3A1%25eth0%5D")]
    [InlineData("//[v.a]", "//%5Bv.a%5D")]
    [InlineData("//[]", "//%5B%5D")]
    [InlineData("/a[1]?b[2]#c[3]", "/a%5B1%5D?b%5B2%5D#c%5B3%5D")]
    [InlineData("?a#b#c", "?a#b%23c")]
    [InlineData("a#b#c", "a#b%23c")]
    [InlineData(":x", "%3Ax")]
    [InlineData("[x]", "%5Bx%5D")]
    [InlineData("a\"b\\c", "a%22b%5Cc")]
    [InlineData("a\u0001b", "a%01b")]
    [InlineData("a%zzb", "a%25zzb")]
    [InlineData("100%", "100%25")]
    [InlineData("%4", "%254")]
    [InlineData("žluť", "%C5%BElu%C5%A5")]
    [InlineData("urn:a😀 b", "urn:a%F0%9F%98%80%20b")]
    public void What_makes_any_other_text_none_is_percent_encoded(string source, string expected)
    {
        Assert.False(UriReferenceGrammar.Takes(source));
        Assert.True(UriReferenceGrammar.Takes(expected));
        Assert.Equal(expected, UriReference.Of(source));
    }

    [Fact]
    public void Whatever_the_source_the_result_is_a_reference_and_no_more_is_encoded_than_must_be() => Sources.Sample(static source =>
    {
        var written = UriReference.Of(source);

        Assert.True(UriReferenceGrammar.Takes(written), written);
        if (UriReferenceGrammar.Takes(source))
        {
            Assert.Equal(source, written);
        }

        var (read, at) = (0, 0);
        foreach (var rune in source.EnumerateRunes())
        {
            var (plain, encoded) = (rune.ToString(), string.Concat(Encoding.UTF8.GetBytes(rune.ToString()).Select(static octet => $"%{octet:X2}")));
            var isEncodedAlready = source[read..] is ['%', var high, var low, ..] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low);
            if (!isEncodedAlready && written.AsSpan(at).StartsWith(encoded, StringComparison.Ordinal))
            {
                var takenBack = written[..at] + plain + written[(at + encoded.Length)..];
                Assert.False(UriReferenceGrammar.Takes(takenBack), $"{written}: {plain} need not be encoded");
                at += encoded.Length;
            }
            else
            {
                Assert.StartsWith(plain, written[at..], StringComparison.Ordinal);
                at += plain.Length;
            }

            read += plain.Length;
        }

        Assert.Equal(written.Length, at);
    }, iter: 10_000);
}
