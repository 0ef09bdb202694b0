using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Middleware.Endpoints;

/// <summary>
/// The key that signs an endpoint's deliveries, written <c>whsec_</c> and then 24 to 64 bytes in base64
/// (<see href="https://www.standardwebhooks.com">Standard Webhooks</see>). Only <see cref="Reveal"/> shows it.
/// </summary>
internal sealed class WebhookSecret : IEquatable<WebhookSecret>
{
    /// <summary>The accepted form, for errors.</summary>
    public const string Form = "whsec_ and then 24 to 64 bytes in base64";

    private const string Prefix = "whsec_";
    private const string Version = "v1,";
    private const int MinLength = 24;
    private const int MaxLength = 64;
    private const int GeneratedLength = 32;

    /// <summary>Two dots, and the sign and the digits of a number of 64 bits.</summary>
    private const int TimestampLength = 22;

    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    /// <summary>Makes a secret of 32 bytes, which <paramref name="randomBytes"/> supplies.</summary>
    public static WebhookSecret Generate(Func<int, byte[]> randomBytes) => new(randomBytes(GeneratedLength));

    /// <summary>Reads a secret. The fault never repeats the secret.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WebhookSecret? secret, [NotNullWhen(false)] out string? fault)
    {
        secret = null;
        if (text is null || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            fault = $"the secret does not begin with {Prefix}; expected {Form}";
            return false;
        }

        var encoded = text.AsSpan(Prefix.Length);
        var key = new byte[encoded.Length];

        // The decoder passes over white space; a receiver's may not.
        if (encoded.ContainsAnyExceptInRange('!', '~') || !Convert.TryFromBase64Chars(encoded, key, out var length))
        {
            fault = $"the text after {Prefix} is not base64; expected {Form}";
            return false;
        }

        if (length is < MinLength or > MaxLength)
        {
            fault = $"the key has {length} bytes; expected {Form}";
            return false;
        }

        secret = new WebhookSecret(key[..length]);
        fault = null;
        return true;
    }

    /// <summary>The secret as receivers get it.</summary>
    public string Reveal() => Prefix + Convert.ToBase64String(_key);

    /// <summary>
    /// The signature of a message: <c>v1,</c> and the base64 of HMAC-SHA256 over <c>id.timestamp.body</c>, the
    /// <paramref name="timestamp"/> in seconds since 1970.
    /// </summary>
    public string Sign(string id, long timestamp, ReadOnlySpan<byte> body)
    {
        // One pass over a pooled buffer is as fast as an incremental hash, which allocates and holds a native handle.
        var message = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(id.Length) + TimestampLength + body.Length);
        var length = Encoding.UTF8.GetBytes(id, message);
        message[length++] = (byte)'.';
        timestamp.TryFormat(message.AsSpan(length), out var digits, provider: CultureInfo.InvariantCulture);
        length += digits;
        message[length++] = (byte)'.';
        body.CopyTo(message.AsSpan(length));

        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, message.AsSpan(0, length + body.Length), mac);
        ArrayPool<byte>.Shared.Return(message);

        Span<char> signature = stackalloc char[Version.Length + 44];
        Version.CopyTo(signature);
        Convert.TryToBase64Chars(mac, signature[Version.Length..], out _);
        return new string(signature);
    }

    public bool Equals(WebhookSecret? other) => other is not null && CryptographicOperations.FixedTimeEquals(_key, other._key);

    public override bool Equals(object? obj) => Equals(obj as WebhookSecret);

    public override int GetHashCode() => _key.Length;

    public override string ToString() => Prefix + "***";
}
