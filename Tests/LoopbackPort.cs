using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tests;

/// <summary>Ports of this machine for servers that must know theirs before they listen.</summary>
internal static class LoopbackPort
{
    // Outgoing connections have their ports above these, so none takes the port of a server that starts again.
    private const int First = 20_000;
    private const int End = 32_000;

    /// <summary>A port on which nothing listens now.</summary>
    public static int Free()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(First, End);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another is as good.
            }
        }
    }
}
