using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ServiceDefaults.Logging;

/// <summary>
/// Logs to standard output and never waits for its reader; the framework's console log does when its queue is full. Lines are JSON, or plain on a
/// terminal. Dropped lines are counted by <c>integration.log.dropped</c>, and by a line when it flows again.
/// </summary>
[ProviderAlias("Console")]
internal sealed class OutputLog : ILoggerProvider
{
    private const string MeterName = "AspireIntegration.Logging";

    private readonly LineFormatter _formatter;
    private readonly LineWriter _writer;

    public OutputLog(TimeProvider clock, IMeterFactory meters)
        : this(Console.OpenStandardOutput(), Console.IsOutputRedirected ? new JsonLineFormatter(clock) : new PlainLineFormatter(clock), meters)
    {
    }

    internal OutputLog(Stream output, LineFormatter formatter, IMeterFactory meters)
    {
        _formatter = formatter;
        _writer = new LineWriter(output, NoteDropped);
        meters.Create(MeterName).CreateObservableCounter("integration.log.dropped", () => _writer.Dropped, "{line}", "Lines of the log that nobody read in time.");
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose() => _writer.Dispose();

    private void NoteDropped(long lines, IBufferWriter<byte> output) =>
        _formatter.Write(output, LogLevel.Warning, typeof(OutputLog), "log lines dropped", new("dropped", lines));

    private sealed class Logger(OutputLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = new ArrayBufferWriter<byte>(512);
            log._formatter.Write(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), line);
            log._writer.Add(line.WrittenSpan);
        }
    }
}
