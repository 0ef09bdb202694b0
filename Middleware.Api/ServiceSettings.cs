using ServiceDefaults.Settings;

namespace Middleware;

/// <summary>The longest time of each of the two phases of a stop: finishing requests, then finishing deliveries.</summary>
internal sealed record ShutdownSettings(TimeSpan Timeout)
{
    public static ShutdownSettings Read(SettingsReader settings) => new(settings.Duration(Setting.ShutdownTimeout.Name, Setting.ShutdownTimeout.Default, "0s", "1h"));
}

/// <summary>The largest event, in bytes of its JSON.</summary>
internal sealed record AcceptLimits(int MaxEventBytes)
{
    public static AcceptLimits Read(SettingsReader settings) => new(settings.Whole(Setting.MaxEventBytes.Name, Setting.MaxEventBytes.Default, 1_024, 16_777_216));
}
