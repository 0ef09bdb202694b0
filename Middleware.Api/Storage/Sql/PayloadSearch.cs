using System.Buffers;
using System.Text;
using System.Text.Json;
using Middleware.Events;

namespace Middleware.Storage.Sql;

/// <summary>Looks for a text in payloads, in any case: in the JSON as it stands, and in its strings with escapes.</summary>
internal sealed class PayloadSearch(string text)
{
    private readonly SearchValues<string> _text = SearchValues.Create([text], StringComparison.OrdinalIgnoreCase);

    public bool IsIn(ReadOnlySpan<byte> payload)
    {
        var buffer = ArrayPool<char>.Shared.Rent(payload.Length);
        try
        {
            var length = Encoding.UTF8.GetChars(payload, buffer);
            return buffer.AsSpan(0, length).ContainsAny(_text) || (payload.Contains((byte)'\\') && IsInEscaped(payload, buffer));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private bool IsInEscaped(ReadOnlySpan<byte> payload, Span<char> buffer)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            while (reader.Read())
            {
                if (reader.ValueIsEscaped && buffer[..JsonCharacters.Decode(reader.ValueSpan, buffer)].ContainsAny(_text))
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            // No JSON: then its bytes were searched, and that is all.
            return false;
        }

        return false;
    }
}
