using System.Net;
using System.Net.Sockets;
using Middleware.Endpoints;

namespace Middleware.Sending;

/// <summary>
/// The addresses that a registered endpoint may have. They are globally reachable by the IANA registries of special-purpose addresses
/// (<see href="https://www.iana.org/assignments/iana-ipv4-special-registry">IPv4</see>,
/// <see href="https://www.iana.org/assignments/iana-ipv6-special-registry">IPv6</see>), or in a network that the operator allows.
/// </summary>
internal sealed class AddressPolicy(params IEnumerable<AllowedNetwork> allowed)
{
    private static readonly IPNetwork[] NotGlobalV4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // shared behind a carrier's NAT; metadata at 100.100.100.200
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // a cloud's own services, at a public address
        IPNetwork.Parse("169.254.0.0/16"), // link-local; metadata at 169.254.169.254
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments; metadata at 192.0.0.192
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // relays of 6to4, deprecated
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarking
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, and broadcast
    ];

    /// <summary>The global addresses of IPv6, but for NAT64. Loopback, local, multicast and IPv4-compatible addresses are outside.</summary>
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] NotGlobalV6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments: Teredo, benchmarking, ORCHID
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    /// <summary>IPv4 addresses as a translator's clients write them, in the last four bytes (RFC 6052).</summary>
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>IPv4 addresses in the third to sixth byte of a tunnel's (RFC 3056), deprecated.</summary>
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>The addresses at which clouds hand out credentials: no network allows them, only an entry of their own.</summary>
    private static readonly IPAddress[] Metadata =
    [
        IPAddress.Parse("169.254.169.254"), IPAddress.Parse("169.254.170.2"), IPAddress.Parse("169.254.170.23"), IPAddress.Parse("100.100.100.200"),
        IPAddress.Parse("168.63.129.16"), IPAddress.Parse("192.0.0.192"), IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd00:ec2::23"),
        IPAddress.Parse("fd20:ce::254"),
    ];

    private readonly AllowedNetwork[] _allowed = [.. allowed];

    /// <summary>True for an address and a port that may be connected to. A mapped, translated or tunnelled address is judged by its IPv4 form.</summary>
    public bool Allows(IPAddress address, int port)
    {
        var judged = Unwrap(address);
        var needsOwnEntry = Metadata.Contains(judged);
        return WebhookUrl.FaultInPort(port) is null
            && (_allowed.Any(network => network.Contains(judged, port, needsOwnEntry)) || (!SixToFour.Contains(address) && IsGlobal(judged)));
    }

    /// <summary>True for such an address in a URL.</summary>
    public bool AllowsLiteral(string text, int port) => IPAddress.TryParse(text, out var address) && Allows(address, port);

    /// <summary>The IPv4 address in an IPv6 one that is mapped, translated (NAT64) or of a tunnel (6to4); any other address without its zone.</summary>
    public static IPAddress Unwrap(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : Nat64.Contains(address) ? new IPAddress(address.GetAddressBytes()[^4..])
        : SixToFour.Contains(address) ? new IPAddress(address.GetAddressBytes()[2..6])
        : new IPAddress(address.GetAddressBytes());

    private static bool IsGlobal(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? !IsIn(NotGlobalV4, address)
        : GlobalUnicast.Contains(address) && !IsIn(NotGlobalV6, address);

    private static bool IsIn(IPNetwork[] networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>
/// A host has no address that is allowed. It is neither an HttpRequestException nor an IOException: those are retried, and this is not.
/// </summary>
internal sealed class AddressRefusedException(string message) : Exception(message);
