using System.Net;
using ServiceDefaults.Settings;

namespace ServiceDefaults;

/// <summary>The port of <c>METRICS_PORT</c>, on which <c>/metrics</c> and nothing else is answered; null for none.</summary>
public sealed record MetricsPort(int? Number)
{
    private const string Setting = "METRICS_PORT";

    /// <summary>Reads the setting.</summary>
    public static MetricsPort Read(SettingsReader settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new(settings.Text(Setting) is { Length: > 0 } ? settings.Whole(Setting, 1, 1, IPEndPoint.MaxPort) : null);
    }
}
