using System.Text.Json;
using System.Text.Unicode;

namespace Middleware.Events;

/// <summary>Parses the JSON of clients; a fault is a text, never an exception.</summary>
internal static class JsonBody
{
    /// <summary>The key of faults that are no field's.</summary>
    public const string Body = "body";

    /// <summary>The fault of a body in which a member's name is no text.</summary>
    public const string HalfPairInName = $"has a member whose name {HalfPair}";

    /// <summary>The fault of a text that holds half of a surrogate pair.</summary>
    public const string HalfPair = "has half of a surrogate pair, which is no character";

    /// <summary>Parses a body. Null, with an error under <c>body</c>, for invalid JSON or UTF-8, a repeated member or too deep nesting.</summary>
    public static JsonDocument? Parse(ReadOnlyMemory<byte> json, int maxDepth, IDictionary<string, string[]> errors)
    {
        if (!Utf8.IsValid(json.Span))
        {
            errors[Body] = ["is not valid UTF-8"];
            return null;
        }

        try
        {
            return JsonDocument.Parse(WithoutMark(json), new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
        }
        catch (InvalidOperationException)
        {
            // The text of the search for duplicates when a name has an escaped surrogate without its other half.
            errors[Body] = [HalfPairInName];
        }
        catch (JsonException exception)
        {
            errors[Body] = [Fault(exception, maxDepth)];
        }

        return null;
    }

    /// <summary>Describes a fault of JSON by its place. The exception's own text names parts of this program.</summary>
    public static string Fault(JsonException exception, int maxDepth)
    {
        var place = exception is { LineNumber: { } line, BytePositionInLine: { } at } ? $"at line {line + 1}, byte {at + 1}; " : "";
        return $"is not valid JSON: {place}expected each member once, at most {maxDepth} levels deep";
    }

    /// <summary>The bytes of the byte order mark before JSON, which is skipped (RFC 8259, section 8.1): 3, or 0 for none.</summary>
    public static int MarkLength(ReadOnlySpan<byte> json) => json.StartsWith("\uFEFF"u8) ? 3 : 0;

    /// <summary>JSON without the byte order mark before it.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> json) => json[MarkLength(json.Span)..];

    /// <summary>The characters of a text; null when one of them is half of a surrogate pair.</summary>
    public static string? Decode(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // The text of the reader for an escaped surrogate without its other half.
            return null;
        }
    }

    /// <summary>True when two values are the same; a time may be written in several ways.</summary>
    public static bool AreSame(JsonElement one, JsonElement other)
    {
        try
        {
            return JsonElement.DeepEquals(one, other)
                || (one.ValueKind == JsonValueKind.String && other.ValueKind == JsonValueKind.String
                    && one.TryGetDateTimeOffset(out var first) && other.TryGetDateTimeOffset(out var second) && first == second);
        }
        catch (InvalidOperationException)
        {
            // One of them has half of a surrogate pair.
            return false;
        }
    }
}
