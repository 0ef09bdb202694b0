using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tests.Middleware.Sending.Signing;

/// <summary>Verifies what a receiver got. The body is the bytes as they came, before anything parses them.</summary>
internal static class WebhookVerification
{
    private const int ToleranceSeconds = 300;

    public static bool IsGenuine(string secret, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - seconds) > ToleranceSeconds)
        {
            return false;
        }

        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        byte[] message = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        var expected = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, message)));

        var isGenuine = false;
        foreach (var signature in signatures.Split(' '))
        {
            isGenuine |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), expected);
        }

        return isGenuine;
    }
}
