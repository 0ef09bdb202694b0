using System.Text.Json;

namespace Middleware.Api;

/// <summary>Looks at the members of a JSON object and notes what is wrong with them, never by an exception.</summary>
internal static class JsonBody
{
    /// <summary>What is wrong with a body of which a member's name is no text.</summary>
    public const string HalfPairInName = $"has a member whose name {HalfPair}";

    private const string HalfPair = "has half of a surrogate pair, which is no character";

    /// <summary>The bytes of the byte order mark before JSON, which is skipped (RFC 8259, section 8.1): 3, or 0 for none.</summary>
    public static int MarkLength(ReadOnlySpan<byte> json) => json.StartsWith("\uFEFF"u8) ? 3 : 0;

    /// <summary>JSON without the byte order mark before it.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) => json[MarkLength(json.Span)..];

    /// <summary>False for a member that is left out or null.</summary>
    public static bool TryGet(JsonElement json, string member, out JsonElement value) =>
        json.TryGetProperty(member, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Null, with an error, when it is no text.</summary>
    public static string? Text(JsonElement value, string field, IDictionary<string, string[]> errors)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            errors[field] = ["must be a string"];
            return null;
        }

        if (Decode(value) is { } text)
        {
            return text;
        }

        errors[field] = [HalfPair];
        return null;
    }

    /// <summary>The characters of a text; null when one of them is half of a surrogate pair.</summary>
    public static string? Decode(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // What the reader says of an escaped surrogate without its other half.
            return null;
        }
    }

    /// <summary>A member that is not known would otherwise be one that does nothing. <paramref name="path"/> is where the object stands, or empty.</summary>
    public static void RefuseUnknown(JsonElement json, string path, IReadOnlyList<string> known, IDictionary<string, string[]> errors)
    {
        try
        {
            foreach (var name in json.EnumerateObject().Select(static member => member.Name).Except(known))
            {
                errors[path.Length == 0 ? name : $"{path}.{name}"] = [$"is not known; known are {string.Join(", ", known)}"];
            }
        }
        catch (InvalidOperationException)
        {
            errors[path.Length == 0 ? EventReader.Body : path] = [HalfPairInName];
        }
    }
}
