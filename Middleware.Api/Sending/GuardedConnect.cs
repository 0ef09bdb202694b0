using System.Net;
using System.Net.Sockets;
using Middleware.Endpoints;

namespace Middleware.Sending;

/// <summary>Finds the addresses of a host; fails with a <see cref="SocketException"/>.</summary>
internal delegate Task<IPAddress[]> HostResolver(string host, CancellationToken cancellationToken);

/// <summary>
/// Connects to a host at those of its addresses that are allowed. Each new connection asks for the addresses once and goes to one of the judged ones.
/// A name that changes its address between the two (DNS rebinding) gains nothing.
/// </summary>
internal sealed class GuardedConnect(AddressPolicy policy, HostResolver resolve, ConnectionRace race)
{
    /// <summary>Connects to a registered endpoint.</summary>
    /// <exception cref="AddressRefusedException">No address is allowed, or not the port.</exception>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(context.DnsEndPoint, address => policy.Allows(address, context.DnsEndPoint.Port), cancellationToken);

    /// <summary>Connects to the operator's own endpoint, which may be at any address.</summary>
    public ValueTask<Stream> ConnectAnywhereAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(context.DnsEndPoint, static _ => true, cancellationToken);

    private async ValueTask<Stream> ConnectAsync(DnsEndPoint target, Func<IPAddress, bool> allows, CancellationToken cancellationToken)
    {
        var found = IPAddress.TryParse(target.Host, out var literal) ? [literal] : await FindAsync(target.Host, cancellationToken);
        if (found is [])
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var allowed = found.Where(allows).ToList();
        if (allowed is [])
        {
            throw new AddressRefusedException(WebhookUrl.FaultInPort(target.Port) ??
                $"{target.Host} is at {string.Join(", ", found.Take(3).Select(static address => address.ToString()))}, where events are not sent unless ALLOWED_NETWORKS says so");
        }

        return new NetworkStream(await race.ConnectAsync(allowed, target.Port, cancellationToken), ownsSocket: true);
    }

    private async Task<IPAddress[]> FindAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await resolve(host, cancellationToken);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.TryAgain)
        {
            // The system's text for it is that of any unavailable resource.
            throw new SocketException((int)failure.SocketErrorCode, "no name server answered");
        }
        catch (ArgumentException)
        {
            throw new SocketException((int)SocketError.HostNotFound, "the name is longer than names of hosts are");
        }
    }
}
