using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Local;

/// <summary>The lines of the resources and about them: on the console, each after its resource's name, and under test in the log.</summary>
internal sealed partial class ResourceOutput(TextWriter? console, ILoggerFactory loggers, string applicationName)
{
    public void Line(string resource, string text)
    {
        if (console is null)
        {
            var logger = LoggerOf(resource);
            LogLine(logger, text);
        }
        else
        {
            console.WriteLine($"[{resource}] {text}");
        }
    }

    public void Error(string resource, string text)
    {
        if (console is null)
        {
            var logger = LoggerOf(resource);
            LogError(logger, text);
        }
        else
        {
            console.WriteLine($"[{resource}] error: {text}");
        }
    }

    public void Text(string text) => console?.WriteLine(text);

    private ILogger LoggerOf(string resource) => loggers.CreateLogger($"{applicationName}.Resources.{resource}");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Line}")]
    private static partial void LogLine(ILogger logger, string line);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Line}")]
    private static partial void LogError(ILogger logger, string line);
}
