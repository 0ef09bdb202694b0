using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;

namespace ServiceDefaults.Logging;

/// <summary>
/// Writes a line for people: the local time, the level, the logger, the message and the values that are not in it. An exception has lines of its own
/// below. Control characters would be commands to the terminal and are escaped.
/// </summary>
internal sealed class PlainLineFormatter(TimeProvider clock) : LineFormatter
{
    public override void Write<TState>(in LogEntry<TState> entry, IBufferWriter<byte> output)
    {
        Put(output, clock.GetLocalNow().ToString("HH:mm:ss ", CultureInfo.InvariantCulture));
        Put(output, NameOf(entry.LogLevel).PadRight(5) + " ");
        Put(output, Escaped($"{entry.Category}: {entry.Formatter(entry.State, entry.Exception)}"));
        if (!HasValuesInText(entry.State))
        {
            WriteValues(entry.State, output);
        }

        output.Write("\n"u8);
        foreach (var line in entry.Exception?.ToString().ReplaceLineEndings("\n").Split('\n') ?? [])
        {
            Put(output, $"    {Escaped(line)}\n");
        }
    }

    private static bool HasValuesInText<TState>(TState state) =>
        state is IReadOnlyList<KeyValuePair<string, object?>> values
        && values.Any(static value => value is { Key: Template, Value: string template } && template.Contains('{', StringComparison.Ordinal));

    private static void WriteValues<TState>(TState state, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Readable);
        foreach (var (name, value) in ValuesOf(state))
        {
            Put(output, $" {Escaped(name)}=");
            WriteValue(json, value);
            json.Flush();
            json.Reset();
        }
    }

    private static void Put(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);

    private static string Escaped(string text) => Readable.Encoder!.Encode(text);
}
