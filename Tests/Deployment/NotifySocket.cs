using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Tests.Deployment;

/// <summary>The socket of systemd to which a service reports its state.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly TemporaryDirectory _folder = TemporaryDirectory.OpenToPrograms();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly Task _read;

    public NotifySocket()
    {
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
        _read = Task.Run(ReadAsync);
    }

    /// <summary>All that was reported so far.</summary>
    public IReadOnlyCollection<string> Messages => _messages;

    /// <summary>The variables that systemd sets for a unit of <c>Type=notify</c>, with a watchdog of this time.</summary>
    public IEnumerable<string> Variables(TimeSpan watchdog) =>
        [$"NOTIFY_SOCKET={Path}", "INVOCATION_ID=0123456789abcdef0123456789abcdef", $"WATCHDOG_USEC={(long)watchdog.TotalMicroseconds}"];

    public void Dispose()
    {
        _socket.Dispose();
        _read.Wait();
        _folder.Dispose();
    }

    private string Path => System.IO.Path.Combine(_folder.Path, "notify");

    private async Task ReadAsync()
    {
        var buffer = new byte[4_096];
        try
        {
            while (true)
            {
                _messages.Enqueue(Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer)));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
