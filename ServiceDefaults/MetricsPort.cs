using System.Net;
using ServiceDefaults.Settings;

namespace ServiceDefaults;

/// <summary>The port of <c>METRICS_PORT</c>, on which <c>/metrics</c> and nothing else is answered; null for none.</summary>
public sealed record MetricsPort(int? Number)
{
    internal const string Setting = "METRICS_PORT";

    /// <summary>Reads the setting.</summary>
    public static MetricsPort Read(SettingsReader settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Text(Setting) is not { Length: > 0 } given)
        {
            return new(Number: null);
        }

        if (settings.Section(Listening.KestrelEndpoints).GetChildren().Any())
        {
            // They take the place of all other addresses.
            settings.Refuse(Setting, given, "expected none beside Kestrel__Endpoints__..., or PORT or ASPNETCORE_URLS in their place");
        }

        return new(settings.Whole(Setting, 1, 1, IPEndPoint.MaxPort));
    }
}
