using System.Text.Json;
using System.Text.Json.Serialization;

namespace Middleware.Endpoints;

/// <summary>A secret text of an endpoint, or a reference to the file with it. Neither an answer nor <c>ToString</c> shows the text.</summary>
/// <param name="Text">The text; null for a reference.</param>
/// <param name="Reference">As <c>file:/run/secrets/pager</c>; null for a text.</param>
[JsonConverter(typeof(ShownSecret))]
internal sealed record SecretValue(string? Text, string? Reference = null)
{
    /// <summary>The member of a reference.</summary>
    public const string Member = "secret_ref";

    /// <summary>The text, when the reference was read.</summary>
    public string Reveal() => Text ?? throw new InvalidOperationException($"The file of {Reference} was not read.");

    public override string ToString() => Reference ?? "***";
}

/// <summary>Writes secrets as answers show them: references, and never a text.</summary>
internal sealed class ShownSecret : JsonConverter<SecretValue>
{
    public override SecretValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, SecretValue value, JsonSerializerOptions options) => Write(writer, value.Reference);

    public static void Write(Utf8JsonWriter writer, string? reference)
    {
        if (reference is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString(SecretValue.Member, reference);
        writer.WriteEndObject();
    }
}
