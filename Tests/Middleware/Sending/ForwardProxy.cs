using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tests.Middleware.Sending;

/// <summary>
/// A proxy on the loopback (RFC 9112, 3.2.2 and RFC 9110, 9.3.6). It forwards absolute-form requests and tunnels CONNECT, to the named port of this
/// machine whatever the name of the host.
/// </summary>
internal sealed class ForwardProxy : IAsyncDisposable
{
    private readonly Receiver _connections;
    private readonly ConcurrentQueue<string> _requests = new();

    public ForwardProxy() => _connections = Receiver.Serving(ServeAsync);

    /// <summary>The answer to CONNECT; a tunnel is opened for a 200 alone.</summary>
    public string Answer { get; init; } = "200 Connection established";

    /// <summary>The first line of each request.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    public int Port => _connections.Port;

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private async Task ServeAsync(NetworkStream client, CancellationToken stop)
    {
        var head = await HeadAsync(client, stop);
        var line = head.Split("\r\n")[0];
        _requests.Enqueue(line);
        var isTunnel = line.StartsWith("CONNECT ", StringComparison.Ordinal);
        var target = new Uri(isTunnel ? $"http://{line.Split(' ')[1]}" : line.Split(' ')[1]);
        if (isTunnel)
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {Answer}\r\nContent-Length: 0\r\n\r\n"), stop);
            if (!Answer.StartsWith("200 ", StringComparison.Ordinal))
            {
                return;
            }
        }

        using var receiver = new TcpClient();
        await receiver.ConnectAsync(IPAddress.Loopback, target.Port, stop);
        var onward = receiver.GetStream();
        if (!isTunnel)
        {
            await onward.WriteAsync(Encoding.Latin1.GetBytes(head.Replace(target.GetLeftPart(UriPartial.Authority), "", StringComparison.Ordinal)), stop);
        }

        await Task.WhenAny(client.CopyToAsync(onward, stop), onward.CopyToAsync(client, stop));
    }

    private static async Task<string> HeadAsync(NetworkStream client, CancellationToken stop)
    {
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client.ReadExactlyAsync(next, stop);
            head.Append((char)next[0]);
        }

        return head.ToString();
    }
}
