using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ServiceDefaults.Logging;

/// <summary>
/// Says on standard error why a service ends: as a line of its log, which may not be there yet or not any more, and in plain words on a terminal.
/// </summary>
internal static class LastLine
{
    public static async Task WriteAsync(TimeProvider clock, string message, string error, Exception? exception = null) =>
        await Console.Error.WriteAsync(Console.IsErrorRedirected ? Json(clock, message, error, exception) : $"{exception?.ToString() ?? error}{Environment.NewLine}");

    private static string Json(TimeProvider clock, string message, string error, Exception? exception)
    {
        using var line = new StringWriter();
        IReadOnlyList<KeyValuePair<string, object?>> values = [new("error", error)];
        var entry = new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(
            LogLevel.Critical, typeof(ServiceHost).FullName!, default, values, exception, (_, _) => message);
        new JsonLineFormatter(clock).Write(entry, null, line);
        return line.ToString();
    }
}
