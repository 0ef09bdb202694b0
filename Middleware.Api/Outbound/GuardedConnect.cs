using System.Net;
using System.Net.Sockets;

namespace Middleware.Outbound;

/// <summary>Finds the addresses of a host; fails with a <see cref="SocketException"/>.</summary>
internal delegate Task<IPAddress[]> HostResolver(string host, CancellationToken cancellationToken);

/// <summary>
/// Connects to a host at those of its addresses that are allowed. Each new connection asks for the addresses once and goes to one of those
/// that were judged, so that a name which changes its address between the two (DNS rebinding) gains nothing.
/// </summary>
internal sealed class GuardedConnect(AddressPolicy policy, HostResolver resolve)
{
    /// <summary>A <see cref="SocketsHttpHandler.ConnectCallback"/>; tries one address after the other.</summary>
    /// <exception cref="AddressRefusedException">No address is allowed.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var target = context.DnsEndPoint;
        var addresses = await AllowedAsync(target.Host, cancellationToken);
        for (var number = 0; ; number++)
        {
            try
            {
                return await ConnectAsync(addresses[number], target.Port, cancellationToken);
            }
            catch (SocketException) when (number < addresses.Count - 1)
            {
                // There is another address.
            }
        }
    }

    private async Task<List<IPAddress>> AllowedAsync(string host, CancellationToken cancellationToken)
    {
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        if (found is [])
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var allowed = found.Where(policy.Allows).ToList();
        return allowed.Count > 0
            ? allowed
            : throw new AddressRefusedException(
                $"{host} is at {string.Join(", ", found.Take(3).Select(static address => address.ToString()))}, where events are not sent unless ALLOWED_NETWORKS says so");
    }

    private static async Task<Stream> ConnectAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var socket = new Socket(plain.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(plain, port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
