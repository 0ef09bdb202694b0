using System.Buffers.Text;
using System.Globalization;

namespace Bench.Net;

/// <summary>
/// The moment at which an event should have been sent, in its metadata: monotonic ticks as 16 hexadecimal digits. Metadata is passed on
/// byte for byte, so the receiver finds it again.
/// </summary>
internal static class SentStamp
{
    /// <summary>The member, with room for the moment.</summary>
    public const string Member = "\"sent_at\":\"0000000000000000\"";

    private const int Digits = 16;

    private static ReadOnlySpan<byte> Marker => "\"sent_at\":\""u8;

    /// <summary>Where the digits begin; -1 where there is no stamp.</summary>
    public static int Find(ReadOnlySpan<byte> message) => message.IndexOf(Marker) is >= 0 and var at ? at + Marker.Length : -1;

    public static void Write(Span<byte> message, int at, long ticks) => ticks.TryFormat(message.Slice(at, Digits), out _, "x16", CultureInfo.InvariantCulture);

    public static bool TryRead(ReadOnlySpan<byte> message, out long ticks)
    {
        ticks = 0;
        return Find(message) is >= 0 and var at && message.Length >= at + Digits
            && Utf8Parser.TryParse(message.Slice(at, Digits), out ticks, out var read, 'x') && read == Digits;
    }
}
