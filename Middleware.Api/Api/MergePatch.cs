using System.Runtime.InteropServices;
using System.Text.Json;

namespace Middleware.Api;

/// <summary>JSON Merge Patch (RFC 7396): null removes a member, an object is merged into the one that is there, anything else takes its place.</summary>
internal static class MergePatch
{
    /// <summary>Writes the result of a patch to an object. Values are copied byte for byte.</summary>
    public static void Apply(JsonElement target, JsonElement patch, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (target.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in target.EnumerateObject().Where(member => !patch.TryGetProperty(member.Name, out _)))
            {
                Write(member.Name, member.Value, writer);
            }
        }

        foreach (var member in patch.EnumerateObject().Where(static member => member.Value.ValueKind != JsonValueKind.Null))
        {
            if (member.Value.ValueKind == JsonValueKind.Object)
            {
                var merged = target.ValueKind == JsonValueKind.Object && target.TryGetProperty(member.Name, out var there) ? there : default;
                writer.WritePropertyName(member.Name);
                Apply(merged, member.Value, writer);
            }
            else
            {
                Write(member.Name, member.Value, writer);
            }
        }

        writer.WriteEndObject();
    }

    private static void Write(string name, JsonElement value, Utf8JsonWriter writer)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }
}
