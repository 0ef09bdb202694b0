using System.Text.Json;
using System.Text.Json.Serialization;

namespace AspireIntegration.Client.Operating;

/// <summary>A secret that is sent: its text, or the file in which the service finds it. A text converts by itself.</summary>
[JsonConverter(typeof(SecretText))]
public sealed class SecretValue
{
    private SecretValue(string? text, string? reference) => (Text, Reference) = (text, reference);

    internal string? Text { get; }

    internal string? Reference { get; }

    /// <summary>Takes a text for a secret.</summary>
    public static implicit operator SecretValue(string text) => FromText(text);

    /// <summary>Takes a text for a secret.</summary>
    public static SecretValue FromText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SecretValue(text, null);
    }

    /// <summary>Names the file of a secret, within <c>SECRETS_DIR</c> of the service: <c>file:</c> and an absolute path.</summary>
    public static SecretValue FromReference(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return new SecretValue(null, reference);
    }

    /// <summary>The reference, or asterisks: a text is never shown.</summary>
    public override string ToString() => Reference ?? "***";
}

/// <summary>The file with a secret, within <c>SECRETS_DIR</c>. It is read when the secret is used.</summary>
public sealed record SecretReference
{
    /// <summary><c>file:</c> and an absolute path, such as <c>file:/run/secrets/pager</c>.</summary>
    public string SecretRef { get => field ?? ""; init; }
}

/// <summary>A secret as the contract writes it: a text, or an object with a reference.</summary>
internal sealed class SecretText : JsonConverter<SecretValue>
{
    public override SecretValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, SecretValue value, JsonSerializerOptions options)
    {
        if (value.Reference is null)
        {
            writer.WriteStringValue(value.Text);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("secret_ref", value.Reference);
        writer.WriteEndObject();
    }
}
