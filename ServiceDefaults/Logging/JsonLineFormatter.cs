using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ServiceDefaults.Logging;

/// <summary>
/// One JSON object a line: <c>timestamp</c> (ISO 8601, UTC), <c>level</c> (lower case), <c>msg</c>, <c>logger</c>, then the message's
/// values in snake_case, and for an exception <c>error</c> (its message) and <c>exception</c> (all of it). An error has <c>error</c> in any case.
/// </summary>
internal sealed class JsonLineFormatter(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "json-lines";

    // Lines are read by people and log collectors, never put into a web page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ConcurrentDictionary<string, string> Names = new(StringComparer.Ordinal);
    private static readonly string[] Reserved = ["timestamp", "level", "msg", "logger", "exception"];

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var buffer = new ArrayBufferWriter<byte>(512);

        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", clock.GetUtcNow().UtcDateTime);
            json.WriteString("level", LevelName(logEntry.LogLevel));
            json.WriteString("msg", message);
            json.WriteString("logger", logEntry.Category);
            var errorWritten = WriteValues(json, logEntry.State);
            WriteError(json, logEntry, message, errorWritten);
            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static bool WriteValues<TState>(Utf8JsonWriter json, TState state)
    {
        var errorWritten = false;
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            return errorWritten;
        }

        foreach (var (key, value) in values)
        {
            var name = Names.GetOrAdd(key, JsonNamingPolicy.SnakeCaseLower.ConvertName);
            if (key == "{OriginalFormat}" || Reserved.Contains(name))
            {
                continue;
            }

            errorWritten |= name == "error";
            json.WritePropertyName(name);
            WriteValue(json, value);
        }

        return errorWritten;
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case int or long or short or byte:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset time:
                json.WriteStringValue(time.UtcDateTime);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            default:
                json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static void WriteError<TState>(Utf8JsonWriter json, in LogEntry<TState> logEntry, string message, bool errorWritten)
    {
        if (!errorWritten && (logEntry.Exception is not null || logEntry.LogLevel >= LogLevel.Error))
        {
            json.WriteString("error", logEntry.Exception?.Message ?? message);
        }

        if (logEntry.Exception is not null)
        {
            json.WriteString("exception", logEntry.Exception.ToString());
        }
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => level.ToString().ToLowerInvariant(),
    };
}
