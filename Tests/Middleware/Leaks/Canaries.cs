using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace Tests.Middleware.Leaks;

/// <summary>Secrets by their names, found in bytes as plain text and in each encoding in which something may have written them.</summary>
internal sealed class Canaries
{
    private readonly ConcurrentDictionary<string, byte[][]> _forms = new();

    /// <summary>A new text of a kind that needs an escape in JSON and in a URL.</summary>
    public string Add(string name) => Add(name, $"{name.Replace(' ', '-')}+{RandomNumberGenerator.GetHexString(24)}/~");

    /// <summary>Has a text found under a name, which may have several.</summary>
    public string Add(string name, string text)
    {
        var forms = Forms(text).DistinctBy(Convert.ToHexString).ToArray();
        _forms.AddOrUpdate(name, forms, (_, others) => [.. others, .. forms]);
        return text;
    }

    /// <summary>Has a key found by its text in base64 and by its bytes.</summary>
    public string AddKey(string name, string base64)
    {
        var bytes = Convert.FromBase64String(base64);
        byte[][] forms = [bytes, .. Forms(base64), .. Forms(Convert.ToHexString(bytes)), .. Forms(Convert.ToHexStringLower(bytes))];
        _forms.AddOrUpdate(name, forms, (_, others) => [.. others, .. forms]);
        return base64;
    }

    /// <summary>The names of those that are in any of the texts, in order.</summary>
    public string[] In(params IEnumerable<byte[]> texts)
    {
        var all = texts.ToList();
        return [.. _forms.Where(canary => canary.Value.Any(form => all.Exists(text => text.AsSpan().IndexOf(form) >= 0))).Select(static canary => canary.Key).Order(StringComparer.Ordinal)];
    }

    public string[] In(params IEnumerable<string> texts) => In(texts.Select(Encoding.UTF8.GetBytes));

    private static IEnumerable<byte[]> Forms(string text)
    {
        string[] escaped =
        [
            text, JsonEncodedText.Encode(text).ToString(), JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString(),
            Uri.EscapeDataString(text), WebUtility.UrlEncode(text), WebUtility.HtmlEncode(text),
        ];
        var bytes = Encoding.UTF8.GetBytes(text);
        return
        [
            .. escaped.Select(Encoding.UTF8.GetBytes), Encoding.Unicode.GetBytes(text), Encoding.UTF8.GetBytes(Convert.ToHexString(bytes)),
            Encoding.UTF8.GetBytes(Convert.ToHexStringLower(bytes)), .. escaped.SelectMany(static form => WithinBase64(Encoding.UTF8.GetBytes(form))),
        ];
    }

    /// <summary>The letters that do not depend on what stands around the bytes, for each of the three places in a group at which they may begin.</summary>
    private static IEnumerable<byte[]> WithinBase64(byte[] bytes) =>
        from before in (int[])[0, 1, 2]
        let bits = 8 * (before + bytes.Length)
        let letters = Convert.ToBase64String([.. new byte[before], .. bytes])[(((8 * before) + 5) / 6)..(bits / 6)]
        from form in (string[])[letters, letters.Replace('+', '-').Replace('/', '_'), Uri.EscapeDataString(letters), JsonEncodedText.Encode(letters).ToString()]
        select Encoding.UTF8.GetBytes(form);
}
