using System.Net;
using System.Net.Sockets;

namespace ServiceDefaults.Settings;

/// <summary>Networks as people write them: <c>10.0.0.0/8</c>, <c>fd00::/8</c>, and a single address as the network of its full length.</summary>
public static class NetworkText
{
    /// <summary>
    /// Reads a network; null for another text. No bit is set behind its prefix, and IPv4 stands in its own form. No text reads as another address than it
    /// seems: 10 would be 0.0.0.10, and 010.0.0.0 be 8.0.0.0.
    /// </summary>
    public static IPNetwork? Parse(string text)
    {
        var start = text.Split('/')[0];
        return IPAddress.TryParse(start, out var address)
            && IsPlain(address, start)
            && IPNetwork.TryParse(start.Length < text.Length ? text : $"{text}/{LengthOf(address)}", out var network)
            && network.BaseAddress.Equals(address) ? network : null;
    }

    /// <summary>The prefix of a single address, in bits.</summary>
    public static int LengthOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    private static bool IsPlain(IPAddress address, string text) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.ToString() == text
        : !address.IsIPv4MappedToIPv6 && text.AsSpan().IndexOfAny('%', '[') < 0;
}
