using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServiceDefaults.Settings;
using ServiceDefaults.Tls;

namespace ServiceDefaults;

/// <summary>The port of <c>PORT</c>, used on every address, in Development on those of this machine, unless ASP.NET Core's own URL settings are given.</summary>
internal sealed record Listening(int Port)
{
    private const string Urls = "urls";
    internal const string KestrelEndpoints = "Kestrel:Endpoints";

    private static readonly string[] PortSettings = ["http_ports", "https_ports"];

    /// <summary>Reads <c>PORT</c> and checks the settings of ASP.NET Core, which fails on a bad one as by a defect, or takes another port.</summary>
    public static Listening Read(SettingsReader settings, int defaultPort)
    {
        foreach (var url in Entries(settings.Text(Urls)).Where(static url => !IsAddress(url)))
        {
            RefuseUrl(settings, "ASPNETCORE_URLS", url);
        }

        foreach (var name in PortSettings)
        {
            foreach (var port in Entries(settings.Text(name)).Where(static port => !IsPort(port)))
            {
                settings.Refuse($"ASPNETCORE_{name.ToUpperInvariant()}", port, $"expected ports from 0 to {IPEndPoint.MaxPort}, separated by semicolons");
            }
        }

        foreach (var endpoint in settings.Section(KestrelEndpoints).GetChildren())
        {
            if (endpoint["Url"] is var url && !IsAddress(url))
            {
                RefuseUrl(settings, SettingsReader.NameOf($"{endpoint.Path}:Url"), url ?? "");
            }
        }

        return new(settings.Whole("PORT", defaultPort, 1, IPEndPoint.MaxPort));
    }

    /// <summary>Adds the addresses to the server. Throws <see cref="SettingsException"/> for a port that is taken twice.</summary>
    public static void Apply(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var metrics = services.GetService<MetricsPort>()?.Number;
        var isSet = PortSettings.Append(Urls).Any(name => !string.IsNullOrEmpty(configuration[name]));
        if (configuration.GetSection(KestrelEndpoints).Exists() || (isSet && metrics is null))
        {
            return;
        }

        // A test server has no addresses. In Development nobody need show who they are, and so only this machine may ask.
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        var host = services.GetRequiredService<IHostEnvironment>().IsDevelopment() ? "localhost" : "*";
        List<string> listened = [.. isSet ? Given(name => configuration[name]) : [$"{(services.GetRequiredService<TlsListening>().IsOn ? "https" : "http")}://{host}:{services.GetRequiredService<Listening>().Port}"]];
        if (metrics is { } port)
        {
            RefuseTaken(services, listened, port);
            listened.Add($"http://{host}:{port}");
        }

        foreach (var address in listened)
        {
            addresses?.Addresses.Add(address);
        }
    }

    /// <summary>The first address of the service, as a program on the same machine reaches it; where it has no port, the path of its socket. The settings must have been found good.</summary>
    public static (Uri Address, string? Socket) FromThisMachine(SettingsReader settings, int defaultPort)
    {
        var scheme = settings.IsGiven(TlsSettings.CertificateName) ? "https" : "http";
        List<BindingAddress> addresses = [.. settings.Section(KestrelEndpoints).GetChildren().Select(static endpoint => endpoint["Url"]).Concat(Given(settings.Text)).OfType<string>()
            .DefaultIfEmpty($"{scheme}://*:{Read(settings, defaultPort).Port}").Select(BindingAddress.Parse)];
        var address = addresses.Find(static address => !address.IsUnixPipe) ?? addresses[0];
        return address.IsUnixPipe
            ? (new UriBuilder(address.Scheme, "localhost").Uri, address.UnixPipePath)
            : (new UriBuilder(address.Scheme, address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : address.Host, address.Port).Uri, null);
    }

    /// <summary>True for an address that cannot be listened on: it is not of this machine, or its certificate is missing.</summary>
    public static bool IsFailure(Exception exception) =>
        // Native code knows no Exception.Source.
        exception is SocketException || exception.StackTrace?.Contains(" Microsoft.AspNetCore.Server.Kestrel.", StringComparison.Ordinal) == true;

    /// <summary>The setting of the addresses to listen on.</summary>
    public static string SettingOf(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        return configuration.GetSection(KestrelEndpoints).Exists() ? SettingsReader.NameOf(KestrelEndpoints)
            : PortSettings.Prepend(Urls).FirstOrDefault(name => !string.IsNullOrEmpty(configuration[name])) is { } name ? $"ASPNETCORE_{name.ToUpperInvariant()}"
            : "PORT";
    }

    /// <summary>The addresses of ASP.NET Core's own settings, which it passes over where there is another.</summary>
    private static IEnumerable<string> Given(Func<string, string?> text) => Entries(text(Urls)) is { Length: > 0 } urls
        ? urls
        : PortSettings.SelectMany(name => Entries(text(name)).Select(port => $"{name.Split('_')[0]}://*:{port}"));

    /// <summary>The port of the metrics answers nothing else, so that no other address can have it.</summary>
    private static void RefuseTaken(IServiceProvider services, List<string> listened, int port)
    {
        if (listened.Exists(address => BindingAddress.Parse(address).Port == port))
        {
            var reader = new SettingsReader(services.GetRequiredService<IConfiguration>());
            reader.Refuse(MetricsPort.Setting, port.ToString(CultureInfo.InvariantCulture), $"expected another port than that of {SettingOf(services)}");
            throw new SettingsException(reader.Failures);
        }
    }

    private static string[] Entries(string? text) => (text ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsPort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= IPEndPoint.MaxPort;

    private static bool IsAddress(string? url)
    {
        try
        {
            return url is not null && BindingAddress.Parse(url) is { Scheme: "http" or "https", Port: >= 0 and <= IPEndPoint.MaxPort, PathBase: "" };
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static void RefuseUrl(SettingsReader settings, string name, string url) =>
        settings.Refuse(name, SettingsReader.WithoutCredentials(url), "expected a URL to listen on, without a path, such as http://127.0.0.1:8080 or http://*:8080");
}
