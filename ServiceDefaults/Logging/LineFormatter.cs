using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ServiceDefaults.Logging;

/// <summary>Writes a log entry as a line of UTF-8, with its values under their names in snake_case.</summary>
internal abstract class LineFormatter
{
    /// <summary>The state of a message bears its text under this name, with the places of its values.</summary>
    protected const string Template = "{OriginalFormat}";

    // Lines are read by people and log collectors, never put into a web page.
    protected static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ConcurrentDictionary<string, string> Names = new(StringComparer.Ordinal);
    private static readonly string[] Reserved = ["timestamp", "level", "msg", "logger", "exception"];

    /// <summary>Writes one line with its end.</summary>
    public abstract void Write<TState>(in LogEntry<TState> entry, IBufferWriter<byte> output);

    /// <summary>Writes a line that comes from no logger, with one value.</summary>
    public void Write(
        IBufferWriter<byte> output, LogLevel level, Type logger, string message, KeyValuePair<string, object?> value, Exception? exception = null) =>
        Write(new LogEntry<KeyValuePair<string, object?>[]>(level, logger.FullName!, default, [value], exception, (_, _) => message), output);

    /// <summary>The values of a message, without those that bear the name of a member of every line.</summary>
    protected static IEnumerable<(string Name, object? Value)> ValuesOf<TState>(TState state) =>
        from pair in state as IReadOnlyList<KeyValuePair<string, object?>> ?? []
        where pair.Key != Template
        let name = Names.GetOrAdd(pair.Key, JsonNamingPolicy.SnakeCaseLower.ConvertName)
        where !Reserved.Contains(name)
        select (name, pair.Value);

    protected static void WriteValue(Utf8JsonWriter json, object? value)
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

    protected static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => level.ToString().ToLowerInvariant(),
    };
}
