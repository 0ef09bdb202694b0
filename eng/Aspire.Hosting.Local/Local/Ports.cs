using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Local;

/// <summary>The TCP ports of this machine.</summary>
internal static class Ports
{
    // Below the ranges from which Linux, macOS and Windows take the ports of outgoing connections: one of those could
    // otherwise take the port before the service listens on it.
    private const int First = 12_000;
    private const int Last = 32_000;

    private static readonly ConcurrentDictionary<int, bool> HandedOut = [];

    public static int TakeFree()
    {
        for (var tries = 0; tries < Last - First; tries++)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);
            if (HandedOut.TryAdd(port, true) && IsFree(port))
            {
                return port;
            }
        }

        throw new DistributedApplicationException("No TCP port is free.");
    }

    public static bool IsFree(int port) =>
        CanListen(IPAddress.Loopback, port) && (!Socket.OSSupportsIPv6 || CanListen(IPAddress.IPv6Loopback, port));

    private static bool CanListen(IPAddress address, int port)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // No such address on this machine, such as ::1 in many containers: nothing can be in the way there.
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
