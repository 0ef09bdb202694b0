using System.Net;
using System.Net.Sockets;
using ServiceDefaults.Settings;

namespace Middleware.Sending;

/// <summary>The networks of <c>ALLOWED_NETWORKS</c>, to which events are sent although they are not public.</summary>
internal sealed record AllowedNetworks(IReadOnlyList<IPNetwork> Networks)
{
    /// <summary>This machine, which is allowed in Development.</summary>
    public static readonly IReadOnlyList<IPNetwork> Loopback = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    public static AllowedNetworks Read(SettingsReader settings)
    {
        var text = settings.Text(Setting.AllowedNetworks.Name) ?? "";
        var networks = new List<IPNetwork>();
        foreach (var entry in SettingsReader.Entries(text))
        {
            if (!TryParse(entry, out var network))
            {
                settings.Refuse(Setting.AllowedNetworks.Name, text, "expected networks and addresses such as 10.0.0.0/8,192.168.1.20,fd00::/8, separated by commas, with no bit set behind a prefix, or nothing");
                break;
            }

            networks.Add(network);
        }

        return new AllowedNetworks(networks);
    }

    private static bool TryParse(string entry, out IPNetwork network)
    {
        network = default;
        var text = entry.Split('/')[0];
        if (!IPAddress.TryParse(text, out var address) || !IsPlain(address, text))
        {
            return false;
        }

        var length = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        return IPNetwork.TryParse(entry.Contains('/', StringComparison.Ordinal) ? entry : $"{entry}/{length}", out network) && network.BaseAddress.Equals(address);
    }

    /// <summary>
    /// False for a text that reads as another address than it seems: 10 is 0.0.0.10, and 010.0.0.0 is 8.0.0.0. An IPv4 network in IPv6 would match
    /// nothing, as addresses are judged by their IPv4 form.
    /// </summary>
    private static bool IsPlain(IPAddress address, string text) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.ToString() == text
        : !address.IsIPv4MappedToIPv6 && text.AsSpan().IndexOfAny('%', '[') < 0;
}
