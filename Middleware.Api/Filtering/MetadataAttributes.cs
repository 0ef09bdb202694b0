using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Middleware.Events;
using Middleware.Filtering.Cesql;

namespace Middleware.Filtering;

/// <summary>
/// The scalar members of an event's metadata as attributes. An attribute's name is the member's ASCII letters, in lower case, and digits; all other
/// characters are left out. Of two with one name the first counts. Null, objects and arrays are none. A number outside integers of 32 bits is a
/// string as it stands in the JSON.
/// </summary>
internal sealed class MetadataAttributes
{
    private const int UsualNameLength = 128;

    private readonly Dictionary<string, Scalar> _scalars = new(StringComparer.Ordinal);
    private readonly ReadOnlyMemory<byte> _payload;

    private MetadataAttributes(ReadOnlyMemory<byte> payload) => _payload = payload;

    /// <summary>Reads the metadata of an event's payload (<see cref="EventPayload"/>).</summary>
    public static MetadataAttributes Read(ReadOnlyMemory<byte> payload)
    {
        var read = new MetadataAttributes(payload);
        var reader = new Utf8JsonReader(payload.Span);
        if (EventPayload.MoveTo(ref reader, "metadata"u8))
        {
            read.AddMembers(ref reader);
        }

        return read;
    }

    public bool TryGet(string name, out CesqlValue value)
    {
        ref var scalar = ref CollectionsMarshal.GetValueRefOrNullRef(_scalars, name);
        if (Unsafe.IsNullRef(ref scalar))
        {
            value = default;
            return false;
        }

        // Texts are decoded when they are asked for, each once.
        value = scalar.Value ??= new CesqlValue(JsonCharacters.Decode(_payload.Span.Slice(scalar.Start, scalar.Length)));
        return true;
    }

    private static bool TryRead(in Utf8JsonReader reader, out Scalar scalar)
    {
        var start = (int)reader.TokenStartIndex;
        scalar = reader.TokenType switch
        {
            JsonTokenType.String => new Scalar(null, start + 1, reader.ValueSpan.Length),
            JsonTokenType.Number => new Scalar(reader.TryGetInt32(out var number) ? new CesqlValue(number) : null, start, reader.ValueSpan.Length),
            JsonTokenType.True => new Scalar(new CesqlValue(true), 0, 0),
            JsonTokenType.False => new Scalar(new CesqlValue(false), 0, 0),
            _ => default,
        };
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False;
    }

    private static ReadOnlySpan<char> NameOf(ReadOnlySpan<byte> raw, Span<char> buffer)
    {
        var characters = raw.Length <= buffer.Length ? buffer : new char[raw.Length];
        var kept = 0;
        foreach (var character in characters[..JsonCharacters.Decode(raw, characters)])
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                characters[kept++] = char.ToLowerInvariant(character);
            }
        }

        return characters[..kept];
    }

    private void AddMembers(ref Utf8JsonReader reader)
    {
        var scalars = _scalars.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> buffer = stackalloc char[UsualNameLength];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameOf(reader.ValueSpan, buffer);
            reader.Read();
            if (!name.IsEmpty && TryRead(reader, out var scalar))
            {
                scalars.TryAdd(name, scalar);
            }

            reader.Skip();
        }
    }

    /// <summary>A value, or the place of its text in the payload.</summary>
    private record struct Scalar(CesqlValue? Value, int Start, int Length);
}
