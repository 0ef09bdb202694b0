using System.Text;
using System.Text.RegularExpressions;
using Tests.Middleware.Http.Contract.Fuzz;

namespace Tests.Middleware.Callers.Mutated;

/// <summary>Puts odd JSON in the place of values of a body: numbers at limits, depths, odd characters, names that come twice.</summary>
internal sealed partial class OddBodies(Random random)
{
    private const int Share = 5;

    private static readonly string[] Numbers =
    [
        "1e999", "-1e999", "1e-999", "-0", "9223372036854775808", "-9223372036854775809", "2147483648", "0.1e1", "123456789012345678901234567890", "79228162514264337593543950336.5",
        "01", "+1", ".5", "NaN",
    ];

    private static readonly string[] Texts =
    [
        "\\u0000", "\\uFFFE", "\\u202E", "\\ufeff", "\\ud83d\\ude00", "\\uDBFF\\uDFFF", "e\\u0301\\u0301\\u0301", "\\u2028", "\\u0085", "\\u001b[2J", "%00", "{{7*7}}", "' OR 1=1 --", "\\u0130\\u212a",
    ];

    /// <summary>The request itself, or one in a few with an odd body.</summary>
    public FuzzedRequest Change(FuzzedRequest request)
    {
        if (request.Body is not { Length: > 0 } body || random.Next(Share) > 0)
        {
            return request;
        }

        var text = Encoding.UTF8.GetString(body);
        var odd = random.Next(6) switch
        {
            0 => Replace(text, Numbers[random.Next(Numbers.Length)]),
            1 => text.Replace("\":\"", "\":\"" + Texts[random.Next(Texts.Length)], StringComparison.Ordinal),
            2 => Replace(text, new string('[', 70) + new string(']', 70)),
            3 => Replace(text, string.Concat(Enumerable.Repeat("{\"a\":", random.Next(100, 20_000)))),
            4 => Replace(text, $"\"{new string('é', random.Next(10_000))}\""),
            _ => Member().Replace(text, "$0,$0", 1),
        };
        return request with { Body = Encoding.UTF8.GetBytes(odd), IsInvalid = false };
    }

    private string Replace(string text, string value)
    {
        var values = Value().Count(text);
        var from = values == 0 ? 0 : random.Next(values);
        var number = 0;
        return Value().Replace(text, match => number++ == from ? value : match.Value);
    }

    /// <summary>A number or a text behind a name.</summary>
    [GeneratedRegex("""(?<=":)(-?[0-9][0-9.eE+-]*|"[^"\\]*")""")]
    private static partial Regex Value();

    /// <summary>A member with a text.</summary>
    [GeneratedRegex("""
        "[^"\\]*":"[^"\\]*"
        """)]
    private static partial Regex Member();
}
