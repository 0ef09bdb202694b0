using System.Globalization;
using System.Net;
using ServiceDefaults.Settings;

namespace Middleware.Sending;

/// <summary>The networks of <c>ALLOWED_NETWORKS</c>, to which events are sent although they are not public.</summary>
internal sealed record AllowedNetworks(IReadOnlyList<AllowedNetwork> Networks)
{
    /// <summary>This machine, which is allowed in Development.</summary>
    public static readonly IReadOnlyList<AllowedNetwork> Loopback = [new(IPNetwork.Parse("127.0.0.0/8")), new(IPNetwork.Parse("::1/128"))];

    public static AllowedNetworks Read(SettingsReader settings)
    {
        var text = settings.Text(Setting.AllowedNetworks.Name) ?? "";
        var networks = new List<AllowedNetwork>();
        foreach (var entry in SettingsReader.Entries(text))
        {
            if (AllowedNetwork.Parse(entry) is not { } network)
            {
                settings.Refuse(
                    Setting.AllowedNetworks.Name,
                    text,
                    "expected networks and addresses such as 10.0.0.0/8,192.168.1.20,fd00::/8 or with a port 10.0.0.0/8:8080, separated by commas, IPv4 in its own form, with no bit set behind a prefix, or nothing");
                break;
            }

            networks.Add(network);
        }

        return new AllowedNetworks(networks);
    }
}

/// <summary>An allowed network, or a single address as the network of its full length.</summary>
/// <param name="Network">The addresses.</param>
/// <param name="Port">The only port; null for any.</param>
internal readonly record struct AllowedNetwork(IPNetwork Network, int? Port = null)
{
    private bool IsOneAddress => Network.PrefixLength == NetworkText.LengthOf(Network.BaseAddress);

    /// <summary>True for an address of it. One with <paramref name="needsOwnEntry"/> must be named alone.</summary>
    public bool Contains(IPAddress address, int port, bool needsOwnEntry) =>
        (Port is null || Port == port) && (!needsOwnEntry || IsOneAddress) && Network.Contains(address);

    /// <summary>Reads <c>10.0.0.0/8</c>, <c>192.168.1.20</c> or <c>fd00::/8</c>, each with a port or without. Null for another text.</summary>
    public static AllowedNetwork? Parse(string entry)
    {
        // A port stands behind the prefix, or behind an IPv4 address: the colons of an IPv6 address are its own.
        var (slash, colon) = (entry.IndexOf('/', StringComparison.Ordinal), entry.LastIndexOf(':'));
        var hasPort = colon > slash && (slash >= 0 || entry.IndexOf(':', StringComparison.Ordinal) == colon);
        var (text, port) = hasPort ? (entry[..colon], ReadPort(entry.AsSpan(colon + 1))) : (entry, null);
        if (hasPort && port is null)
        {
            return null;
        }

        // An IPv4 network in IPv6 would match nothing: addresses are judged by their IPv4 form.
        return NetworkText.Parse(text) is { } network && AddressPolicy.Unwrap(network.BaseAddress).Equals(network.BaseAddress) ? new AllowedNetwork(network, port) : null;
    }

    public override string ToString() => Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{Network}:{port}") : Network.ToString();

    private static int? ReadPort(ReadOnlySpan<char> text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;
}
