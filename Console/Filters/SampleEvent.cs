using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using AspireIntegration.Client.Publishing;
using AspireIntegration.Console.Wording;
using ServiceDefaults.Settings;

namespace AspireIntegration.Console.Filters;

/// <summary>The sample event of a filter's test, as JSON that people edit. The middleware judges what is missing in it.</summary>
internal static class SampleEvent
{
    /// <summary>The members that a sender gave of a payload; null for a payload that is no event.</summary>
    public static string? Of(JsonElement payload)
    {
        if (Curl.EventOf(payload) is not { } json)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return PayloadText.Of(document.RootElement);
    }

    /// <summary>Reads it, or names its first fault.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out EventToPublish? sample, out string fault)
    {
        sample = null;
        fault = "";
        try
        {
            if (JsonNode.Parse(text) is not JsonObject json)
            {
                fault = "The sample must be a JSON object.";
                return false;
            }

            TimeSpan? expiresIn = null;
            if (Text(json, "expires_in") is { Length: > 0 } expiry)
            {
                expiresIn = Duration.TryParse(expiry, out var given) ? given : throw new FormatException("\"expires_in\" must be a duration such as 3s, 500ms or 1m30s.");
            }

            sample = new EventToPublish
            {
                Source = Text(json, "source"),
                EventType = Text(json, "event_type"),
                Severity = Text(json, "severity"),
                Message = Text(json, "message"),
                Metadata = json["metadata"] switch
                {
                    null => null,
                    JsonObject metadata => metadata.DeepClone().AsObject(),
                    _ => throw new FormatException("\"metadata\" must be a JSON object."),
                },
                ExpiresIn = expiresIn,
            };
            return true;
        }
        catch (JsonException wrong)
        {
            fault = $"The sample is not JSON: {wrong.Message}";
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or InvalidOperationException)
        {
            fault = wrong is FormatException ? wrong.Message : "The sample has a name twice, or a text that is none.";
        }

        return false;
    }

    private static string Text(JsonObject json, string name) => json[name] switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw new FormatException($"\"{name}\" must be a string."),
    };
}
