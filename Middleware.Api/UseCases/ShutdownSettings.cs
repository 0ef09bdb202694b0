using ServiceDefaults.Settings;

namespace Middleware.UseCases;

/// <summary>How long each of the two phases of a stop may take: finishing requests, then finishing deliveries.</summary>
internal sealed record ShutdownSettings(TimeSpan Timeout)
{
    public static ShutdownSettings Read(SettingsReader settings) => new(settings.Duration(Setting.ShutdownTimeout.Name, Setting.ShutdownTimeout.Default, "0s", "1h"));
}
