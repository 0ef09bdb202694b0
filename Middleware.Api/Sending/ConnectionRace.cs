using System.Net;
using System.Net.Sockets;

namespace Middleware.Sending;

/// <summary>
/// Connects to the first of a host's addresses that answers (<see href="https://www.rfc-editor.org/rfc/rfc8305">RFC 8305</see>). The families take
/// turns. The next attempt begins after 250 ms or with the failure of another, and the first success ends the rest.
/// </summary>
internal sealed class ConnectionRace(TimeProvider clock)
{
    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The most addresses of one host that are used. Its records, and so the number of sockets of an attempt, are the receiver's to write.
    /// </summary>
    private const int MaxAddresses = 16;

    /// <summary>Failures in the order of their weight for the receiver; this machine is the cause of a missing network.</summary>
    private static readonly SocketError[] Precedence =
        [SocketError.ConnectionRefused, SocketError.ConnectionReset, SocketError.TimedOut, SocketError.HostUnreachable, SocketError.NetworkUnreachable];

    /// <summary>Connects; when it ends, no other socket of the race is open.</summary>
    /// <exception cref="SocketException">Every address failed.</exception>
    public async Task<Socket> ConnectAsync(IEnumerable<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        var order = Order(addresses);
        if (order is [var only])
        {
            return await AttemptAsync(only, port, cancellationToken);
        }

        using var decided = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var underWay = new List<Task<Socket>>();
        var failures = new List<SocketException>();
        try
        {
            for (var begun = 0; failures.Count < order.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (begun < order.Length)
                {
                    underWay.Add(AttemptAsync(order[begun++], port, decided.Token));
                }

                var next = Task.Delay(begun < order.Length ? AttemptDelay : Timeout.InfiniteTimeSpan, clock, decided.Token);
                if (await Task.WhenAny([.. underWay, next]) is Task<Socket> ended)
                {
                    underWay.Remove(ended);
                    try
                    {
                        return await ended;
                    }
                    catch (SocketException failure)
                    {
                        failures.Add(failure);
                    }
                    catch (OperationCanceledException)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        throw;
                    }
                }
            }

            throw new SocketException((int)Prevailing(failures), string.Join("; ", failures.Select(static failure => failure.Message)));
        }
        finally
        {
            await decided.CancelAsync();
            foreach (var loser in underWay)
            {
                await ((Task)loser).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (loser.IsCompletedSuccessfully)
                {
                    (await loser).Dispose();
                }
            }
        }
    }

    private static IPAddress[] Order(IEnumerable<IPAddress> addresses) =>
    [
        .. addresses
            .Select(static address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            .Distinct()
            .GroupBy(static address => address.AddressFamily)
            .SelectMany(static family => family.Select(static (address, rank) => (address, rank)))
            .OrderBy(static entry => entry.rank)
            .Select(static entry => entry.address)
            .Take(MaxAddresses),
    ];

    private static SocketError Prevailing(List<SocketException> failures) =>
        Precedence.Append(failures[0].SocketErrorCode).First(error => failures.Exists(failure => failure.SocketErrorCode == error));

    private static async Task<Socket> AttemptAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
            return socket;
        }
        catch (SocketException failure)
        {
            socket?.Dispose();
            throw new SocketException((int)failure.SocketErrorCode, $"{failure.Message} at {address}");
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
