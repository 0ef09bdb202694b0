using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tests;

/// <summary>A logged line: its text and the values it names.</summary>
internal sealed record CapturedLine(
    LogLevel Level, string Category, string Message, Exception? Exception, IReadOnlyDictionary<string, object?> Values)
{
    public bool IsOnThreadPool { get; } = Thread.CurrentThread.IsThreadPoolThread;
}

/// <summary>Keeps every line that is logged.</summary>
internal sealed class CapturedLog : ILoggerProvider, ILoggerFactory
{
    private readonly ConcurrentQueue<CapturedLine> _lines = new();

    public IReadOnlyList<CapturedLine> All => [.. _lines];

    public IReadOnlyList<CapturedLine> Errors => [.. _lines.Where(line => line.Level >= LogLevel.Error)];

    /// <summary>Hears of each line before it is kept.</summary>
    public Action<CapturedLine>? Before { get; set; }

    public IEnumerable<CapturedLine> Of(string message) => _lines.Where(line => line.Message == message);

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public ILogger<T> For<T>() => LoggerFactoryExtensions.CreateLogger<T>(this);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private sealed class Logger(CapturedLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? pairs : [];
            var line = new CapturedLine(logLevel, category, formatter(state, exception), exception, values.DistinctBy(pair => pair.Key).ToDictionary());
            log.Before?.Invoke(line);
            log._lines.Enqueue(line);
        }
    }
}
