using System.Buffers.Text;

namespace Middleware.Sending;

/// <summary>Reads the heads of HTTP/1.1 messages for <see cref="EarlyAnswerStream"/>.</summary>
internal static class HttpHead
{
    public const int NoRefusal = -1;

    /// <summary>The status line is not whole yet.</summary>
    public const int TooShort = 0;

    /// <summary>
    /// The end of the status line of a refusal (3xx to 9xx), behind any interim answers; else <see cref="NoRefusal"/> or <see cref="TooShort"/>. A
    /// 2xx is no refusal: its receiver may go on reading.
    /// </summary>
    public static int RefusalIn(ReadOnlySpan<byte> received)
    {
        for (var start = 0; ;)
        {
            var answer = received[start..];
            var lineEnd = answer.IndexOf((byte)'\n') + 1;
            if (lineEnd == 0)
            {
                return TooShort;
            }

            if (lineEnd < "HTTP/1.1 100\n".Length || !answer.StartsWith("HTTP/1."u8) || answer[9] == '2' || answer[9..12].SequenceEqual("101"u8))
            {
                return NoRefusal;
            }

            if (answer[9] != '1')
            {
                return start + lineEnd;
            }

            var end = answer.IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return TooShort;
            }

            start += end + 4;
        }
    }

    /// <summary>The length of a request with this beginning, its body included; 0 for any other text. HttpClient writes no head in parts.</summary>
    public static long LengthOf(ReadOnlySpan<byte> written)
    {
        if (!written.StartsWith("POST "u8) || written.IndexOf("\r\n\r\n"u8) is not (> 0 and var end))
        {
            return 0;
        }

        var name = "\r\nContent-Length: "u8;
        var at = written[..end].IndexOf(name);
        return at > 0 && Utf8Parser.TryParse(written[(at + name.Length)..], out long body, out _) ? end + 4 + body : 0;
    }
}
