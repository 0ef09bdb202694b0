using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ServiceDefaults;

/// <summary>Makes the ids of requests and events: UUIDv7 (RFC 9562), which sort by their time in milliseconds.</summary>
public static class Ids
{
    private const int RandomBytes = 10;
    private const int Reserve = 400 * RandomBytes;

    // The system is asked for randomness once in 400 ids: a call for each id costs more than the rest of it.
    [ThreadStatic]
    private static byte[]? Random;

    [ThreadStatic]
    private static int Left;

    /// <summary>A new id with the time of <paramref name="now"/> and 74 random bits, too many to guess.</summary>
    public static Guid Create(DateTimeOffset now)
    {
        var random = Random ??= new byte[Reserve];
        if (Left == 0)
        {
            RandomNumberGenerator.Fill(random);
            Left = Reserve;
        }

        Left -= RandomBytes;
        var fresh = random.AsSpan(Left, RandomBytes);
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, now.ToUnixTimeMilliseconds() << 16);
        fresh.CopyTo(id[6..]);
        fresh.Clear();
        id[6] = (byte)(0x70 | (id[6] & 0x0F));
        id[8] = (byte)(0x80 | (id[8] & 0x3F));
        return new Guid(id, bigEndian: true);
    }
}
