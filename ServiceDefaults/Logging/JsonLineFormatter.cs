using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ServiceDefaults.Logging;

/// <summary>
/// Writes one JSON object a line: <c>timestamp</c> (ISO 8601, UTC), <c>level</c> (lower case), <c>msg</c>, <c>logger</c>, then the message's values
/// in snake_case. An exception adds <c>error</c> (its message) and <c>exception</c> (all of it). An error has <c>error</c> in any case.
/// </summary>
internal sealed class JsonLineFormatter(TimeProvider clock) : LineFormatter
{
    public override void Write<TState>(in LogEntry<TState> entry, IBufferWriter<byte> output)
    {
        var message = entry.Formatter(entry.State, entry.Exception);
        using (var json = new Utf8JsonWriter(output, Readable))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", clock.GetUtcNow().UtcDateTime);
            json.WriteString("level", NameOf(entry.LogLevel));
            json.WriteString("msg", message);
            json.WriteString("logger", entry.Category);
            var errorWritten = false;
            foreach (var (name, value) in ValuesOf(entry.State))
            {
                errorWritten |= name == "error";
                json.WritePropertyName(name);
                WriteValue(json, value);
            }

            WriteError(json, entry, message, errorWritten);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteError<TState>(Utf8JsonWriter json, in LogEntry<TState> entry, string message, bool errorWritten)
    {
        if (!errorWritten && (entry.Exception is not null || entry.LogLevel >= LogLevel.Error))
        {
            json.WriteString("error", entry.Exception?.Message ?? message);
        }

        if (entry.Exception is not null)
        {
            json.WriteString("exception", entry.Exception.ToString());
        }
    }
}
