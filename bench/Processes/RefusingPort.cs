using System.Net.Sockets;

namespace Bench.Processes;

/// <summary>A port of the loopback that refuses every connection: bound, so that it becomes nobody else's, and not listening.</summary>
internal sealed class RefusingPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RefusingPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public Uri Target => new($"http://{_socket.LocalEndPoint}/external/alerts");

    public void Dispose() => _socket.Dispose();
}
