using System.Text;

namespace Tests.Middleware.Leaks;

/// <summary>The search by which the tests of leaks find nothing: it finds.</summary>
public sealed class CanariesTests
{
    public static TheoryData<string> Encodings =>
    [
        "plain", "JSON", "URL", "form", "base64", "base64 of more", "base64url of more", "base64 in JSON", "base64 of a URL's", "hex", "UTF-16",
    ];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_text_is_found_in_each_encoding(string encoding)
    {
        var canaries = new Canaries();
        var (found, other) = (canaries.Add("found"), canaries.Add("other"));

        for (var before = 0; before < 3; before++)
        {
            Assert.Equal(["found"], canaries.In([Encode(found, encoding, before)]));
            Assert.Equal(["other"], canaries.In([Encode(other, encoding, before)]));
            Assert.Empty(canaries.In([Encode(found[..^2], encoding, before)]));
        }
    }

    [Fact]
    public void A_key_is_found_by_its_text_and_its_bytes()
    {
        var canaries = new Canaries();
        var key = Enumerable.Range(200, 32).Select(static number => (byte)number).ToArray();
        var text = canaries.AddKey("key", Convert.ToBase64String(key));

        Assert.Equal(["key"], canaries.In([[1, 2, .. key, 3]]));
        Assert.Equal(["key"], canaries.In($"whsec_{text}"));
        Assert.Equal(["key"], canaries.In(JsonSerializer.Serialize(text)));
        Assert.Equal(["key"], canaries.In(Convert.ToHexStringLower(key)));
        Assert.Empty(canaries.In([key[1..]]));
    }

    private static byte[] Encode(string text, string encoding, int before)
    {
        var more = Encoding.UTF8.GetBytes($"{new string(':', before)}{text}:z");
        return encoding switch
        {
            "plain" => more,
            "JSON" => JsonSerializer.SerializeToUtf8Bytes($"\"{text}\""),
            "URL" => Encoding.UTF8.GetBytes(Uri.EscapeDataString($"&{text}")),
            "form" => Encoding.UTF8.GetBytes(WebUtility.UrlEncode($"&{text}")),
            "base64" => Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(text))),
            "base64 of more" => Encoding.UTF8.GetBytes(Convert.ToBase64String(more)),
            "base64url of more" => Encoding.UTF8.GetBytes(Convert.ToBase64String(more).Replace('+', '-').Replace('/', '_')),
            "base64 in JSON" => JsonSerializer.SerializeToUtf8Bytes(Convert.ToBase64String(more)),
            "base64 of a URL's" => Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.EscapeDataString(Encoding.UTF8.GetString(more))))),
            "hex" => Encoding.UTF8.GetBytes(Convert.ToHexString(more)),
            _ => Encoding.Unicode.GetBytes(text),
        };
    }
}
