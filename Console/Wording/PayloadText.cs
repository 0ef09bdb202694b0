using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AspireIntegration.Console.Wording;

/// <summary>Writes JSON for people.</summary>
internal static partial class PayloadText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON with a line for each member. Marks that turn the direction of a text are escaped: they would show it in another order.</summary>
    public static string Of(JsonElement json) => Marks().Replace(Lines(json), static mark => $"\\u{(int)mark.Value[0]:x4}");

    private static string Lines(JsonElement json)
    {
        try
        {
            return JsonSerializer.Serialize(json, Indented);
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or JsonException)
        {
            // Half of a surrogate pair is no text that can be written anew.
            return json.GetRawText();
        }
    }

    [GeneratedRegex("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")]
    private static partial Regex Marks();
}
