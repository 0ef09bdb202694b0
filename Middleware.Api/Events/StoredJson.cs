using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Middleware.Events;

/// <summary>
/// JSON as it was stored. The bytes are passed on as they are: a reader would throw at half of a surrogate pair, which metadata may have.
/// </summary>
[JsonConverter(typeof(Converter))]
internal readonly record struct StoredJson
{
    private readonly ReadOnlyMemory<byte> _json;

    public int Length => _json.Length;

    public ReadOnlyMemory<byte> Bytes => _json;

    private StoredJson(ReadOnlyMemory<byte> json) => _json = json;

    /// <summary>Null for a row that is no JSON and so is damaged: the rest of it is still worth an answer.</summary>
    public static StoredJson? Of(ReadOnlyMemory<byte> stored)
    {
        try
        {
            var reader = new Utf8JsonReader(stored.Span);
            while (reader.Read())
            {
            }

            return Utf8.IsValid(stored.Span) ? new StoredJson(stored) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed class Converter : JsonConverter<StoredJson>
    {
        public override StoredJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, StoredJson value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value._json.Span, skipInputValidation: true);
    }
}
