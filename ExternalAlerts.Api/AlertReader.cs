using System.Text.Json;
using System.Text.Unicode;
using ServiceDefaults;

namespace ExternalAlerts;

/// <summary>An alert within a body: its place, and its ids when they are fit to be logged.</summary>
internal readonly record struct AlertPart(Range Range, string? EventId, string? CorrelationId);

/// <summary>Finds the alerts of a body in one pass, without building anything of them but their ids.</summary>
internal static class AlertReader
{
    /// <summary>The most alerts of one request: as many as the middleware's largest batch has.</summary>
    public const int MaxAlerts = 1_000;

    private const int MaxIdLength = 256;

    // Each character of an id may be escaped.
    private const int MaxIdBytes = 6 * MaxIdLength;

    /// <summary>
    /// The alerts, or the fault of the body in a sentence; with one alert more than <see cref="MaxAlerts"/> when there are too many.
    /// </summary>
    public static (List<AlertPart> Alerts, string? Fault) Read(ReadOnlySpan<byte> body, AlertFormat format)
    {
        List<AlertPart> alerts = [];
        if (body.IsEmpty)
        {
            return (alerts, $"The body is empty: {format.Expected} is needed.");
        }

        if (!Utf8.IsValid(body))
        {
            return (alerts, "The body is not valid UTF-8.");
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            var fault = ReadBody(ref reader, format, alerts);
            if (fault is null)
            {
                reader.Read(); // Throws at anything that follows.
            }

            return (alerts, fault);
        }
        catch (JsonException exception)
        {
            var (line, at) = (exception.LineNumber + 1, exception.BytePositionInLine + 1);
            return (alerts, $"The body is not valid JSON, or nested deeper than 64, at line {line}, byte {at}.");
        }
    }

    private static string? ReadBody(ref Utf8JsonReader reader, AlertFormat format, List<AlertPart> alerts)
    {
        if (reader.TokenType == JsonTokenType.StartObject && format.Single)
        {
            alerts.Add(ReadAlert(ref reader, format));
            return null;
        }

        if (reader.TokenType != JsonTokenType.StartArray || !format.Batch)
        {
            return $"The body is {NameOf(reader.TokenType)}: {format.Expected} is needed.";
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return $"Item {alerts.Count} of the array is {NameOf(reader.TokenType)}: a JSON object is needed.";
            }

            alerts.Add(ReadAlert(ref reader, format));
            if (alerts.Count > MaxAlerts)
            {
                return $"The array has more than {MaxAlerts} items: send them in smaller ones.";
            }
        }

        return null;
    }

    private static AlertPart ReadAlert(ref Utf8JsonReader reader, AlertFormat format)
    {
        var start = (int)reader.TokenStartIndex;
        string? eventId = null, correlationId = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(format.EventId))
            {
                eventId = ReadId(ref reader);
            }
            else if (reader.ValueTextEquals(format.CorrelationId))
            {
                correlationId = ReadId(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return new(start..(int)reader.BytesConsumed, eventId, Correlation.IsValid(correlationId) ? correlationId : null);
    }

    private static string? ReadId(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length > MaxIdBytes)
        {
            reader.Skip();
            return null;
        }

        try
        {
            return reader.GetString() is { Length: > 0 and <= MaxIdLength } id && !id.Any(char.IsControl) ? id : null;
        }
        catch (InvalidOperationException)
        {
            return null; // An escaped half of a surrogate pair: JSON, but no text.
        }
    }

    private static string NameOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };
}
