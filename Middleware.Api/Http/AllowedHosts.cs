using System.Net;
using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using ServiceDefaults.Health;
using ServiceDefaults.Settings;

namespace Middleware.Http;

/// <summary>
/// The hosts of <c>ALLOWED_HOSTS</c>, under which the service answers. A page whose own name leads here (DNS rebinding) is of the service's origin, and
/// only its host gives it away.
/// </summary>
internal sealed record AllowedHosts(IReadOnlyList<string> Names)
{
    private const string Any = "*";
    private const string Subdomains = "*.";

    private static readonly string[] ThisMachine = ["localhost", "127.0.0.1", "[::1]"];

    public static AllowedHosts Read(SettingsReader settings)
    {
        var text = settings.Text(Setting.AllowedHosts.Name) ?? "";
        var names = SettingsReader.Entries(text);
        if (!names.All(static name => name == Any || IsHost(name)))
        {
            settings.Refuse(Setting.AllowedHosts.Name, text, "expected hosts without a port, such as hooks.example.com,*.example.com,[::1], separated by commas, * for any, or nothing");
        }

        return new AllowedHosts(names);
    }

    /// <summary>
    /// Refuses requests to other hosts, but those of probes, which name an address, and those for metrics that do. A page is at a name: it has no address for
    /// its host. Without a limit no request pays for it.
    /// </summary>
    public static void UseIn(IApplicationBuilder app) => app.Use(next =>
    {
        var names = app.ApplicationServices.GetRequiredService<AllowedHosts>().Names;
        if (names.Count == 0 && app.ApplicationServices.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            names = ThisMachine;
        }

        if (names.Count == 0 || names.Contains(Any))
        {
            return next;
        }

        var refusals = app.ApplicationServices.GetRequiredService<EarlyRefusals>();
        StringSegment[] allowed = [.. names.Select(static name => new StringSegment(name))];
        return context => IsAllowed(context.Request.Host, allowed) || context.GetEndpoint()?.Metadata is { } route && (route.GetMetadata<Probe>() is not null || IsScrape(route, context.Request.Host))
            ? next(context)
            : refusals.RefuseAsync(context, ApiProblems.Invalid(HeaderNames.Host, $"\"{context.Request.Host.Value}\" is not a host of this service; expected one of ALLOWED_HOSTS"));
    });

    private static bool IsScrape(EndpointMetadataCollection route, HostString host) =>
        route.GetMetadata<NeededScopes>() is { AnyOf: Scopes.Metrics } && IPAddress.TryParse(host.Host, out var _);

    private static bool IsAllowed(HostString host, IList<StringSegment> allowed) => host.HasValue && HostString.MatchesAny(host.Value, allowed);

    /// <summary>True for a name, one with all names below it, or an address, as they stand in a request.</summary>
    private static bool IsHost(string text)
    {
        var isMany = text.StartsWith(Subdomains, StringComparison.Ordinal);
        return Ascii.IsValid(text) && Uri.CheckHostName(isMany ? text[Subdomains.Length..] : text) switch
        {
            UriHostNameType.Dns => true,
            UriHostNameType.IPv4 => !isMany,
            UriHostNameType.IPv6 => text[0] == '[',
            _ => false,
        };
    }
}
