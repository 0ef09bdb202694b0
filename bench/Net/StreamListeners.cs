using System.Net.Sockets;
using System.Text;

namespace Bench.Net;

/// <summary>Clients that follow the events of a service, each on a connection of its own, and take all that comes.</summary>
internal sealed class StreamListeners : IDisposable
{
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");

    private readonly Socket[] _sockets;
    private readonly Task[] _reading;
    private long _bytes;

    private StreamListeners(Socket[] sockets)
    {
        _sockets = sockets;
        _reading = [.. sockets.Select(ReadAsync)];
    }

    /// <summary>Listens, and returns when each has the head of its answer.</summary>
    public static async Task<StreamListeners> OpenAsync(IPEndPoint service, int count, CancellationToken cancellationToken)
    {
        var sockets = new Socket[count];
        var head = new byte[4096];
        for (var index = 0; index < count; index++)
        {
            sockets[index] = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await sockets[index].ConnectAsync(service, cancellationToken);
            await sockets[index].SendAsync(Request, cancellationToken);
            var length = await sockets[index].ReceiveAsync(head, cancellationToken);
            if (!Encoding.ASCII.GetString(head, 0, length).StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
            {
                throw new BenchException("the stream of events was not answered with 200");
            }
        }

        return new StreamListeners(sockets);
    }

    /// <summary>Ends them, and gives the bytes that came.</summary>
    public async Task<long> CloseAsync()
    {
        Dispose();
        await Task.WhenAll(_reading);
        return Interlocked.Read(ref _bytes);
    }

    public void Dispose() => Array.ForEach(_sockets, static socket => socket.Dispose());

    private async Task ReadAsync(Socket socket)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is > 0 and var length)
            {
                Interlocked.Add(ref _bytes, length);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It was closed here: nothing more is counted.
            return;
        }
    }
}
