using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace ServiceDefaults.Limits;

/// <summary>A client that is known by more than its address. One object serves all its requests.</summary>
/// <param name="Id">Its name among all clients, such as the id of its key.</param>
/// <param name="Rate">Its own rate, in the place of <c>RATE_LIMIT</c>; null for none.</param>
public sealed record RateClient(string Id, RequestRate? Rate = null);

/// <summary>
/// Names the client of a request for <c>RATE_LIMIT</c>; null for an address alone. An authentication registers it as a service. It runs for every event,
/// before the body is read: it must not block, nor allocate.
/// </summary>
public delegate RateClient? ClientOf(HttpContext context);

/// <summary>The requests that count together: those of a known client, of an IPv4 address, or of a /64 of IPv6.</summary>
internal readonly record struct RateKey(ulong Network, string? Id)
{
    private const int Ipv4InIpv6 = 12;

    public static RateKey Of(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address is null || !address.TryWriteBytes(bytes, out _))
        {
            return default;
        }

        // No host has a network whose first half is zero: the numbers of IPv4 are free there.
        return new RateKey(
            address.AddressFamily == AddressFamily.InterNetwork ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : address.IsIPv4MappedToIPv6 ? BinaryPrimitives.ReadUInt32BigEndian(bytes[Ipv4InIpv6..])
            : BinaryPrimitives.ReadUInt64BigEndian(bytes),
            null);
    }
}
