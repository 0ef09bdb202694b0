using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Logging;

/// <summary>
/// Says on standard error why a service ends, as lines of its log, which may not be there yet or not any more, and in plain words on a
/// terminal. A reader that hangs does not hold up the end.
/// </summary>
internal static class LastLine
{
    public static void Write(TimeProvider clock, string message, IEnumerable<string> errors, Exception? exception = null)
    {
        using var writer = new LineWriter(Console.OpenStandardError());
        foreach (var error in errors)
        {
            writer.Add(Console.IsErrorRedirected ? Json(clock, message, error, exception) : Encoding.UTF8.GetBytes($"{exception?.ToString() ?? error}{Environment.NewLine}"));
        }
    }

    private static ReadOnlySpan<byte> Json(TimeProvider clock, string message, string error, Exception? exception)
    {
        var line = new ArrayBufferWriter<byte>();
        new JsonLineFormatter(clock).Write(line, LogLevel.Critical, typeof(ServiceHost), message, new("error", error), exception);
        return line.WrittenSpan;
    }
}
