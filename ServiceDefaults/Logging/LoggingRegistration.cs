using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace ServiceDefaults.Logging;

internal static class LoggingRegistration
{
    /// <summary>JSON lines on standard output; lines for people when that is a terminal.</summary>
    public static void AddServiceLogging(this IHostApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddConsoleFormatter<JsonLineFormatter, ConsoleFormatterOptions>();
        builder.Logging.AddConsole(console =>
            console.FormatterName = Console.IsOutputRedirected ? JsonLineFormatter.FormatterName : ConsoleFormatterNames.Simple);
        builder.Services.Configure<SimpleConsoleFormatterOptions>(simple => simple.SingleLine = true);
    }
}
