using System.Globalization;
using System.Net;
using AspireIntegration.Client;

namespace AspireIntegration.Console.Forms;

/// <summary>
/// Reads the texts of fields. A field keeps the text that was written: one that is no value is refused by name, and never taken for an empty one.
/// </summary>
internal static class FormValues
{
    /// <summary>A text without blanks around it; null for an empty one.</summary>
    public static string? Text(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <summary>A whole number; null for an empty text.</summary>
    public static int? Whole(string field, string text) => Text(text) is not { } given ? null
        : int.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Refusal(field, text, "whole number; expected one such as 10");

    /// <summary>A number; null for an empty text.</summary>
    public static double? Number(string field, string text) => Text(text) is not { } given ? null
        : double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : throw Refusal(field, text, "number; expected one such as 10 or 0.5");

    /// <summary>A duration as the API writes it, such as <c>500ms</c>, <c>3s</c> or <c>1m30s</c>; null for an empty text.</summary>
    public static TimeSpan? Duration(string field, string text) => Text(text) is not { } given ? null
        : ServiceDefaults.Settings.Duration.TryParse(given, out var duration) ? duration
        : throw Refusal(field, text, "duration; expected one such as 500ms, 3s, 1m30s or 2d");

    private static AspireIntegrationException Refusal(string field, string text, string wanted) => new(HttpStatusCode.BadRequest, "A field is not accepted.")
    {
        Errors = new Dictionary<string, IReadOnlyList<string>> { [field] = [$"\"{text}\" is no {wanted}"] },
    };
}
