using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using ServiceDefaults.Settings;

namespace ServiceDefaults.Logging;

internal static class LoggingRegistration
{
    private const string HostingDiagnostics = "Microsoft.AspNetCore.Hosting.Diagnostics";

    // The settings of the service and its environment go before these.
    private static readonly Dictionary<string, string?> DefaultLevels = new()
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",

        // Costs a span and a scope for every request; a failure in one is logged with its correlation id (see Problems).
        [$"Logging:LogLevel:{HostingDiagnostics}"] = "None",
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Error",
    };

    /// <summary>Registers <see cref="OutputLog"/> alone, with our levels where the settings name none.</summary>
    public static void AddServiceLogging(this IHostApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = DefaultLevels });
        builder.Services.CheckSettings(LogLevels.Check(builder.Configuration));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerProvider, OutputLog>();

        var start = new HostStart();
        builder.Services.AddSingleton(start);
        builder.Logging.AddFilter(HostStart.Category, start.Allows);

        // Whatever the settings say: these lines have what clients sent. A search is text of a payload, and a path or a broken head may have a key.
        foreach (var category in (string[])[HostingDiagnostics, "Microsoft.AspNetCore.Routing.Matching.DfaMatcher", "Microsoft.AspNetCore.Server.Kestrel.BadRequests"])
        {
            builder.Logging.AddFilter<OutputLog>(category, static _ => false).AddFilter<OpenTelemetryLoggerProvider>(category, static _ => false);
        }
    }
}
