using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

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
        while (await ReadAsync(client, stop) is { Length: > 0 } request)
        {
            var line = request.Split("\r\n")[0];
            _requests.Enqueue(line);
            if (line.StartsWith("CONNECT ", StringComparison.Ordinal))
            {
                await TunnelAsync(client, new Uri($"http://{line.Split(' ')[1]}").Port, stop);
                return;
            }

            var target = new Uri(line.Split(' ')[1]);
            using var receiver = new TcpClient();
            await receiver.ConnectAsync(IPAddress.Loopback, target.Port, stop);
            await WriteAsync(receiver.GetStream(), request.Replace($" {target.GetLeftPart(UriPartial.Authority)}", " ", StringComparison.Ordinal), stop);
            await WriteAsync(client, await ReadAsync(receiver.GetStream(), stop), stop);
        }
    }

    private async Task TunnelAsync(NetworkStream client, int port, CancellationToken stop)
    {
        await WriteAsync(client, $"HTTP/1.1 {Answer}\r\nContent-Length: 0\r\n\r\n", stop);
        if (Answer.StartsWith("200 ", StringComparison.Ordinal))
        {
            using var receiver = new TcpClient();
            await receiver.ConnectAsync(IPAddress.Loopback, port, stop);
            await Task.WhenAny(client.CopyToAsync(receiver.GetStream(), stop), receiver.GetStream().CopyToAsync(client, stop));
        }
    }

    /// <summary>A request or an answer with its body, each character a byte; empty at the end of the connection.</summary>
    private static async Task<string> ReadAsync(NetworkStream from, CancellationToken stop)
    {
        var message = new StringBuilder();
        var next = new byte[1];
        while (!message.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await from.ReadAsync(next, stop) == 0)
            {
                return "";
            }

            message.Append((char)next[0]);
        }

        var body = new byte[Regex.Match(message.ToString(), @"\r\nContent-Length: (\d+)") is { Success: true } length ? int.Parse(length.Groups[1].Value, CultureInfo.InvariantCulture) : 0];
        await from.ReadExactlyAsync(body, stop);
        return message.Append(Encoding.Latin1.GetString(body)).ToString();
    }

    private static async Task WriteAsync(NetworkStream to, string message, CancellationToken stop) => await to.WriteAsync(Encoding.Latin1.GetBytes(message), stop);
}
