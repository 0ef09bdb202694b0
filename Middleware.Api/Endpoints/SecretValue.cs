using System.Text.Json;
using System.Text.Json.Serialization;

namespace Middleware.Endpoints;

/// <summary>A secret text of an endpoint. Neither an answer nor <c>ToString</c> shows it.</summary>
[JsonConverter(typeof(ShownSecret))]
internal sealed record SecretValue(string Text)
{
    public override string ToString() => "***";
}

/// <summary>Writes secrets as answers show them: not at all.</summary>
internal sealed class ShownSecret : JsonConverter<SecretValue>
{
    public override SecretValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, SecretValue value, JsonSerializerOptions options) => writer.WriteNullValue();
}
