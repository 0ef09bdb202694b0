using System.Collections.Concurrent;
using ExternalAlerts;
using Microsoft.Extensions.Logging;

namespace Tests.ExternalAlerts;

/// <summary>Keeps every line that is logged; <see cref="OfAlerts"/> those of the alert log.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, string Line)> _lines = new();

    public IEnumerable<string> All => _lines.Select(line => line.Line);

    public IEnumerable<string> OfAlerts => _lines.Where(line => line.Category == typeof(AlertLog).FullName).Select(line => line.Line);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines._lines.Enqueue((category, $"{logLevel}: {formatter(state, exception)}"));
    }
}
