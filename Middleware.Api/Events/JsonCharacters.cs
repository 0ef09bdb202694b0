using System.Globalization;
using System.Text;

namespace Middleware.Events;

/// <summary>
/// Decodes the inside of a valid JSON string. Metadata may have half of a surrogate pair: this passes it on, where the base library's readers throw.
/// Exceptions would let one event cost as much as a thousand.
/// </summary>
internal static class JsonCharacters
{
    public static string Decode(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(raw);
        }

        var characters = raw.Length <= 256 ? stackalloc char[256] : new char[raw.Length];
        return new string(characters[..Decode(raw, characters)]);
    }

    /// <summary>Returns the number of characters; there is room for as many as <paramref name="raw"/> has bytes.</summary>
    public static int Decode(ReadOnlySpan<byte> raw, Span<char> characters)
    {
        var length = 0;
        while (raw.IndexOf((byte)'\\') is >= 0 and var escape)
        {
            length += Encoding.UTF8.GetChars(raw[..escape], characters[length..]);
            var sign = raw[escape + 1];
            characters[length++] = sign switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'u' => (char)ushort.Parse(raw.Slice(escape + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                _ => (char)sign,
            };
            raw = raw[(escape + (sign == 'u' ? 6 : 2))..];
        }

        return length + Encoding.UTF8.GetChars(raw, characters[length..]);
    }
}
