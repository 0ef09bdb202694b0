using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AspireIntegration.Client.Json;

/// <summary>The values of an enumeration by their names in the contract. A name of a newer service reads as <c>Unknown</c>, the default.</summary>
internal sealed class EnumText<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> Names =
        Enum.GetValues<T>().Where(static value => !value.Equals(default(T))).ToFrozenDictionary(static value => value, NameOf);

    private static readonly FrozenDictionary<string, T> Values = Names.ToFrozenDictionary(static name => name.Value, static name => name.Key, StringComparer.Ordinal);

    /// <summary>The names of the contract.</summary>
    public static IEnumerable<string> All => Names.Values;

    /// <summary>The name of a value in the contract.</summary>
    /// <exception cref="ArgumentException">The value has none.</exception>
    public static string Of(T value) => Names.TryGetValue(value, out var name)
        ? name
        : throw new ArgumentException($"\"{value}\" cannot be sent as {typeof(T).Name}; expected one of {string.Join(", ", Names.Keys)}");

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Values.GetValueOrDefault(reader.GetString()!);
        }

        reader.Skip();
        return default;
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Of(value));

    private static string NameOf(T value) =>
        typeof(T).GetField(value.ToString())?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
        ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
