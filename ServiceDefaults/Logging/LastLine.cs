using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;

namespace ServiceDefaults.Logging;

/// <summary>
/// Writes the reason for which a service ends to standard error, as lines of its log. The log may not be there yet or not any more. On a terminal
/// they are plain words. A reader that hangs does not hold up the end.
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
