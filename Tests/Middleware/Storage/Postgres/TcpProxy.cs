using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>
/// A port of the loopback that leads to a PostgreSQL server without TLS, and on which the network can fail. Where the server refuses a connection,
/// the proxy accepts and resets it.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly ConcurrentQueue<(ProxiedConnection Connection, Task Forwarding)> _connections = new();
    private readonly TcpListener _listener;
    private readonly Task _accepting;
    private TaskCompletionSource? _drop;

    public TcpProxy(int serverPort)
    {
        (ServerPort, Port) = (serverPort, LoopbackPort.Free());
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAllAsync();
    }

    public int Port { get; }

    public int ServerPort { get; }

    /// <summary>The bytes of clients. While it is closed, connections stay open and nothing is forwarded.</summary>
    public Valve ToServer { get; } = new();

    /// <summary>The bytes of the server.</summary>
    public Valve ToClient { get; } = new();

    /// <summary>Holds the bytes of both directions, as a network does that drops all packets.</summary>
    public void Stall()
    {
        ToServer.Close();
        ToClient.Close();
    }

    /// <summary>Lets the bytes of both directions pass, those that were held first.</summary>
    public void Resume()
    {
        ToServer.Open();
        ToClient.Open();
    }

    /// <summary>Resets all connections; new ones are accepted.</summary>
    public void Cut()
    {
        foreach (var (connection, _) in _connections)
        {
            connection.Cut();
        }
    }

    /// <summary>
    /// Drops the reply to the next commit, on whichever connection it comes, and resets that connection. The server has committed, and the client
    /// cannot know it.
    /// </summary>
    /// <returns>Completes when a reply was dropped.</returns>
    public Task DropCommitReplyAsync()
    {
        var drop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Null(Interlocked.Exchange(ref _drop, drop));
        return drop.Task;
    }

    /// <summary>Takes the order to drop a reply, if there is one.</summary>
    /// <returns>The report that it is done.</returns>
    internal Action? TakeDrop() => Interlocked.Exchange(ref _drop, null) is { } drop ? drop.SetResult : null;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
        Cut();
        foreach (var (connection, forwarding) in _connections)
        {
            await forwarding;
            connection.Dispose();
        }
    }

    private async Task AcceptAllAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync();
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            client.NoDelay = true;
            var connection = new ProxiedConnection(client, this);
            _connections.Enqueue((connection, connection.RunAsync(ServerPort)));
        }
    }
}
