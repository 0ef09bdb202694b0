using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Middleware.Events;

/// <summary>
/// The members of a received event as they stood in its JSON. Each is a complete JSON value and is passed on byte for byte. So nothing is decoded and
/// encoded again and metadata is kept exactly. An empty metadata stands for none.
/// </summary>
internal readonly ref struct RawMembers
{
    public required ReadOnlySpan<byte> Source { get; init; }

    public required ReadOnlySpan<byte> EventType { get; init; }

    public required ReadOnlySpan<byte> Severity { get; init; }

    public required ReadOnlySpan<byte> Message { get; init; }

    public required ReadOnlySpan<byte> Metadata { get; init; }
}

/// <summary>Writes the event as receivers get it: one JSON object in UTF-8.</summary>
internal static class EventPayload
{
    // Punctuation and names (about 130), two ids, a priority and a time.
    private const int FixedLength = 320;

    /// <summary><paramref name="correlationId"/> has only characters that JSON does not escape.</summary>
    public static byte[] Write(Guid id, string correlationId, Priority priority, DateTimeOffset acceptedAt, in RawMembers raw)
    {
        var length = FixedLength + correlationId.Length + raw.Source.Length + raw.EventType.Length + raw.Severity.Length
            + raw.Message.Length + raw.Metadata.Length;
        var buffer = length <= 1024 ? stackalloc byte[length] : new byte[length];
        var writer = new Writer(buffer);

        writer.Append("{\"event_id\":\""u8);
        writer.AppendHex(id);
        writer.Append("\",\"correlation_id\":\""u8);
        writer.AppendAscii(correlationId);
        writer.Append("\",\"source\":"u8);
        writer.Append(raw.Source);
        writer.Append(",\"event_type\":"u8);
        writer.Append(raw.EventType);
        writer.Append(",\"priority\":\""u8);
        writer.AppendAscii(priority.Name());
        writer.Append("\",\"severity\":"u8);
        writer.Append(raw.Severity);
        writer.Append(",\"message\":"u8);
        writer.Append(raw.Message);
        writer.Append(",\"metadata\":"u8);
        writer.Append(raw.Metadata.IsEmpty ? "{}"u8 : raw.Metadata);
        writer.Append(",\"timestamp\":\""u8);
        writer.AppendTime(acceptedAt);
        writer.Append("\"}"u8);

        return writer.Written.ToArray();
    }

    /// <summary>Moves a reader before a payload to the value of one of its members, without a look at the rest.</summary>
    public static bool MoveTo(ref Utf8JsonReader reader, ReadOnlySpan<byte> member)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFound = reader.ValueTextEquals(member);
            reader.Read();
            if (isFound)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private ref struct Writer(Span<byte> buffer)
    {
        private readonly Span<byte> _buffer = buffer;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

        public void Append(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_buffer[_length..]);
            _length += bytes.Length;
        }

        public void AppendAscii(string text) => _length += Encoding.ASCII.GetBytes(text, _buffer[_length..]);

        public void AppendHex(Guid id)
        {
            var fits = id.TryFormat(_buffer[_length..], out var written, "N");
            Debug.Assert(fits);
            _length += written;
        }

        public void AppendTime(DateTimeOffset time)
        {
            var fits = Utf8Formatter.TryFormat(time.UtcDateTime, _buffer[_length..], out var written, 'O');
            Debug.Assert(fits);
            _length += written;
        }
    }
}
