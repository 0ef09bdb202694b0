using System.Globalization;
using System.Net.Sockets;

namespace Tests.Middleware.Sending;

/// <summary>
/// An address of this machine that swallows what asks for a connection, as a host does that is switched off: its only place for one that
/// nobody has accepted is taken, and then Linux drops each SYN.
/// </summary>
internal sealed class DeadAddress : IDisposable
{
    private const string Connected = "01";
    private const string Connecting = "02";

    private readonly Socket _listener;
    private readonly Socket _waiting;

    public DeadAddress(IPAddress address, int port = 0)
    {
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(address, port));
        _listener.Listen(0);
        _waiting = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _waiting.Connect(_listener.LocalEndPoint!);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>The sockets of this machine that have not got their connection to a port yet.</summary>
    public static int SocketsConnecting(int port) => Sockets(port, Connecting);

    /// <summary>The sockets of this machine that have or await a connection to a port.</summary>
    public static int SocketsOpen(int port) => Sockets(port, Connected) + Sockets(port, Connecting);

    public void Dispose()
    {
        _waiting.Dispose();
        _listener.Dispose();
    }

    /// <summary>A table that is read while sockets of others come and go may show one twice. See <see href="https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt"/>.</summary>
    private static int Sockets(int port, string state)
    {
        var remote = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/tcp").Concat(File.ReadLines("/proc/net/tcp6"))
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[2].EndsWith(remote, StringComparison.Ordinal) && fields[3] == state)
            .DistinctBy(static fields => (fields[1], fields[2])).Count();
    }
}
