using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace Middleware.Callers;

/// <summary>
/// The text of an API key: <c>aik_</c>, the id (8 characters), <c>_</c>, the secret (43, 256 random bits), and a checksum (6). The checksum is the CRC-32 of
/// all before it. It refuses a typo without a look-up, and secret scanners recognise a key by it. All characters are of <c>0-9A-Za-z</c>.
/// </summary>
internal static class KeyText
{
    public const string Prefix = "aik_";
    public const int IdLength = 8;
    public const int DigestLength = SHA256.HashSizeInBytes;

    /// <summary>A digest in a setting: this, and 64 hexadecimal digits.</summary>
    public const string DigestPrefix = "sha256:";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int SecretLength = 43;
    private const int ChecksumLength = 6;
    private const int Checked = 4 + IdLength + 1 + SecretLength;
    private const int Length = Checked + ChecksumLength;

    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);

    /// <summary>Makes a key with an id of its own, or with a given one.</summary>
    public static string Generate(string? id = null)
    {
        var text = $"{Prefix}{id ?? RandomNumberGenerator.GetString(Alphabet, IdLength)}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(text, checksum);
        return $"{text}{checksum}";
    }

    /// <summary>True for a text of this form with its checksum.</summary>
    public static bool IsKey(ReadOnlySpan<char> text)
    {
        if (text.Length != Length || !text.StartsWith(Prefix) || text[Prefix.Length + IdLength] != '_'
            || text.Slice(Prefix.Length, IdLength).ContainsAnyExcept(Letters) || text[(Prefix.Length + IdLength + 1)..].ContainsAnyExcept(Letters))
        {
            return false;
        }

        Span<char> checksum = stackalloc char[ChecksumLength];
        WriteChecksum(text[..Checked], checksum);
        return text[Checked..].SequenceEqual(checksum);
    }

    /// <summary>The id in a key.</summary>
    public static ReadOnlySpan<char> IdOf(ReadOnlySpan<char> key) => key.Slice(Prefix.Length, IdLength);

    /// <summary>Writes the SHA-256 of a key. Nothing slower is needed: what is random to 256 bits cannot be guessed.</summary>
    public static void WriteDigest(ReadOnlySpan<char> key, Span<byte> digest)
    {
        Span<byte> bytes = stackalloc byte[Length];
        SHA256.HashData(bytes[..Encoding.ASCII.GetBytes(key, bytes)], digest);
    }

    public static byte[] DigestOf(ReadOnlySpan<char> key)
    {
        var digest = new byte[DigestLength];
        WriteDigest(key, digest);
        return digest;
    }

    /// <summary>Reads <c>sha256:</c> and 64 hexadecimal digits; null for another text.</summary>
    public static byte[]? ReadDigest(ReadOnlySpan<char> text)
    {
        var digest = new byte[DigestLength];
        return text.StartsWith(DigestPrefix) && text.Length == DigestPrefix.Length + (2 * DigestLength)
            && Convert.FromHexString(text[DigestPrefix.Length..], digest, out _, out _) == OperationStatus.Done ? digest : null;
    }

    private static void WriteChecksum(ReadOnlySpan<char> text, Span<char> checksum)
    {
        Span<byte> bytes = stackalloc byte[Checked];
        Encoding.ASCII.GetBytes(text, bytes);
        var rest = Crc32.HashToUInt32(bytes);
        for (var place = ChecksumLength - 1; place >= 0; place--)
        {
            checksum[place] = Alphabet[(int)(rest % (uint)Alphabet.Length)];
            rest /= (uint)Alphabet.Length;
        }
    }
}
