using ServiceDefaults.Settings;

namespace Middleware.UseCases;

/// <summary>How long an endpoint may fail without one success before it is disabled (<c>AUTO_DISABLE_AFTER</c>).</summary>
internal sealed record DisableSettings(TimeSpan After)
{
    public static DisableSettings Read(SettingsReader settings) => new(settings.Duration(Setting.AutoDisableAfter.Name, Setting.AutoDisableAfter.Default, "1s", "3650d"));
}
