using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Bench.Net;

/// <summary>Where an HTTP/1.1 message ends: by Content-Length or by chunks. Allocates nothing; what it does not understand it refuses.</summary>
internal static class HttpMessage
{
    private const int MaxHead = 16 * 1024;

    /// <summary>The length of the whole message at the start of <paramref name="buffer"/>, or 0 while it is incomplete.</summary>
    public static int Length(ReadOnlySpan<byte> buffer, out int headLength)
    {
        headLength = buffer.IndexOf("\r\n\r\n"u8) + 4;
        if (headLength < 4)
        {
            return buffer.Length <= MaxHead ? 0 : throw new BenchException("no end of the HTTP head within 16 KiB");
        }

        var isResponse = buffer.StartsWith("HTTP/1.1 "u8);
        var body = BodyLength(buffer[..headLength], isResponse);
        if (body == Chunked)
        {
            var chunks = ChunkedLength(buffer[headLength..]);
            return chunks == 0 ? 0 : headLength + chunks;
        }

        return buffer.Length >= headLength + body ? headLength + body : 0;
    }

    /// <summary>The status code of a response.</summary>
    public static int Status(ReadOnlySpan<byte> head) =>
        head.StartsWith("HTTP/1.1 "u8) && Utf8Parser.TryParse(head[9..12], out int status, out var read) && read == 3
            ? status
            : throw new BenchException($"not an HTTP/1.1 response: {Shown(head)}");

    /// <summary>The path and query of a request.</summary>
    public static ReadOnlySpan<byte> Target(ReadOnlySpan<byte> head)
    {
        var target = head[(head.IndexOf((byte)' ') + 1)..];
        return target.IndexOf((byte)' ') is >= 0 and var end ? target[..end] : throw new BenchException($"not an HTTP/1.1 request: {Shown(head)}");
    }

    private const int Chunked = -1;

    private static int BodyLength(ReadOnlySpan<byte> head, bool isResponse)
    {
        var lines = head[(head.IndexOf((byte)'\n') + 1)..];
        while (lines.Length > 2)
        {
            var end = lines.IndexOf((byte)'\n');
            var line = lines[..(end - 1)];
            lines = lines[(end + 1)..];

            if (ValueOf(line, "Content-Length:"u8, out var length))
            {
                return Utf8Parser.TryParse(length, out int bytes, out var read) && read == length.Length
                    ? bytes
                    : throw new BenchException($"unreadable header: {Shown(line)}");
            }

            if (ValueOf(line, "Transfer-Encoding:"u8, out var encoding))
            {
                return Ascii.EqualsIgnoreCase(encoding, "chunked"u8) ? Chunked : throw new BenchException($"unknown header: {Shown(line)}");
            }
        }

        // A request without either has no body; a response without either lasts until the connection closes.
        return !isResponse || Status(head) is 204 or 304 ? 0 : throw new BenchException($"a response without Content-Length and chunks: {Shown(head)}");
    }

    private static bool ValueOf(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var found = line.Length > name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);
        value = found ? line[name.Length..].Trim((byte)' ') : default;
        return found;
    }

    private static int ChunkedLength(ReadOnlySpan<byte> body)
    {
        var at = 0;
        while (true)
        {
            var end = body[at..].IndexOf("\r\n"u8);
            if (end < 0)
            {
                return 0;
            }

            if (!int.TryParse(body.Slice(at, end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size < 0)
            {
                throw new BenchException($"unreadable chunk size: {Shown(body.Slice(at, end))}");
            }

            var next = at + end + 2 + size + 2;
            if (next > body.Length)
            {
                return 0;
            }

            if (!body[(next - 2)..next].SequenceEqual("\r\n"u8))
            {
                throw new BenchException("a chunk that does not end where it says, or trailers");
            }

            if (size == 0)
            {
                return next;
            }

            at = next;
        }
    }

    private static string Shown(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 300)]);
}
