using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Settings;

namespace ServiceDefaults;

/// <summary>The port of <c>PORT</c>, used on every address unless ASP.NET Core's own URL settings are given.</summary>
internal sealed record Listening(int Port)
{
    private static readonly string[] UrlSettings = ["urls", "http_ports", "https_ports"];

    public static Listening Read(SettingsReader settings, int defaultPort) => new(settings.Whole("PORT", defaultPort, 1, 65535));

    public static void Apply(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        if (UrlSettings.Any(name => !string.IsNullOrEmpty(configuration[name])) || configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            return;
        }

        // A test server has no addresses.
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        addresses?.Addresses.Add($"http://*:{services.GetRequiredService<Listening>().Port}");
    }
}
