using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using ServiceDefaults.Settings;
using IPNetwork = System.Net.IPNetwork;

namespace ServiceDefaults.Limits;

/// <summary>
/// The proxies of <c>TRUSTED_PROXIES</c>, whose word on the client's address and scheme counts. The word of all others is ignored, and also
/// <c>X-Forwarded-Host</c>: many proxies pass on the one of their client.
/// </summary>
internal sealed record TrustedProxies(IReadOnlyList<IPNetwork> Networks)
{
    private const string Name = "TRUSTED_PROXIES";

    public static TrustedProxies Read(SettingsReader settings)
    {
        var text = settings.Text(Name) ?? "";
        var networks = SettingsReader.Entries(text).Select(NetworkText.Parse).ToList();
        if (networks.Contains(null))
        {
            settings.Refuse(Name, text, "expected networks and addresses of proxies such as 10.0.0.0/8,192.168.1.20,fd00::/8, separated by commas, IPv4 in its own form, with no bit set behind a prefix, or nothing");
        }

        return new TrustedProxies([.. networks.OfType<IPNetwork>()]);
    }

    public static void AddTo(IServiceCollection services)
    {
        services.AddSettings(Read);

        // After all others: a switch of the framework (ASPNETCORE_FORWARDEDHEADERS_ENABLED) trusts everybody.
        services.AddOptions<ForwardedHeadersOptions>().PostConfigure<TrustedProxies>(static (options, proxies) =>
        {
            options.ForwardedHeaders = proxies.Networks.Count == 0 ? ForwardedHeaders.None : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.ForwardLimit = null;
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var network in proxies.Networks)
            {
                options.KnownIPNetworks.Add(network);
            }
        });
    }

    /// <summary>Adds the reading of the headers, if a proxy is trusted: without one no request pays for it.</summary>
    public static void UseIn(IApplicationBuilder app) => app.Use(next =>
    {
        if (app.ApplicationServices.GetRequiredService<TrustedProxies>().Networks.Count == 0)
        {
            return next;
        }

        var reading = app.New().UseForwardedHeaders();
        reading.Run(next);
        return reading.Build();
    });
}
