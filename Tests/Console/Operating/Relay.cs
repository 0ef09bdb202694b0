using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Tests.Console.Operating;

/// <summary>A port of the loopback that leads to a service, and on which the network can fail.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly int _to;
    private TcpListener _listener = null!;
    private Task _accepting = null!;

    public Relay(int to)
    {
        _to = to;
        Mend();
    }

    public int Port { get; } = LoopbackPort.Free();

    /// <summary>Resets all connections, and refuses others.</summary>
    public async Task CutAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (var socket in _sockets)
        {
            socket.Close(0);
        }
    }

    /// <summary>Takes connections again.</summary>
    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync() => await CutAsync();

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync();
                var service = new Socket(SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(client);
                _sockets.Add(service);
                await service.ConnectAsync(IPAddress.Loopback, _to);
                _ = CopyAsync(client, service);
                _ = CopyAsync(service, client);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The network is cut.
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            await using var source = new NetworkStream(from);
            await using var target = new NetworkStream(to);
            await source.CopyToAsync(target);
            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException)
        {
            // The other end is told by its own socket.
            to.Close(0);
        }
    }
}
