using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Tests.Middleware.Storage.Postgres;

/// <summary>A connection of a client through a proxy to a PostgreSQL server.</summary>
internal sealed class ProxiedConnection(Socket client, TcpProxy proxy) : IDisposable
{
    // https://www.postgresql.org/docs/15/protocol-message-formats.html: the requests for encryption, answered by a byte.
    private const int SslRequest = 80877103;
    private const int GssRequest = 80877104;
    private const byte Refused = (byte)'N';

    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _cut = new();

    /// <summary>Forwards until both sides have ended, or it is cut.</summary>
    public async Task RunAsync(int serverPort)
    {
        try
        {
            await _server.ConnectAsync(IPAddress.Loopback, serverPort, _cut.Token);
            await using var fromClient = new NetworkStream(client);
            await using var fromServer = new NetworkStream(_server);
            if (await StartAsync(fromClient, fromServer))
            {
                await Task.WhenAll(OrCutAsync(ToServerAsync(fromClient)), OrCutAsync(ToClientAsync(PipeReader.Create(fromServer))));
            }
        }
        catch (Exception fault) when (fault is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side has broken off, which the other one learns in the same way.
        }

        Cut();
    }

    /// <summary>Resets both sides (RST).</summary>
    public void Cut()
    {
        _cut.Cancel();
        client.Close(timeout: 0);
        _server.Close(timeout: 0);
    }

    public void Dispose()
    {
        _server.Dispose();
        _cut.Dispose();
    }

    /// <summary>Forwards the client's first messages, whose answers have a form of their own; false when the client ends before.</summary>
    private async Task<bool> StartAsync(NetworkStream fromClient, NetworkStream fromServer)
    {
        while (true)
        {
            var length = new byte[4];
            if (await fromClient.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, _cut.Token) < 4)
            {
                return false;
            }

            var message = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            length.CopyTo(message, 0);
            await fromClient.ReadExactlyAsync(message.AsMemory(4), _cut.Token);
            await proxy.ToServer.PassAsync(_cut.Token);
            await fromServer.WriteAsync(message, _cut.Token);
            if (BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(4)) is not (SslRequest or GssRequest))
            {
                return true;
            }

            var answer = new byte[1];
            await fromServer.ReadExactlyAsync(answer, _cut.Token);
            Assert.Equal(Refused, answer[0]);
            await proxy.ToClient.PassAsync(_cut.Token);
            await fromClient.WriteAsync(answer, _cut.Token);
        }
    }

    /// <summary>Ends the other direction as well when this one breaks off.</summary>
    private async Task OrCutAsync(Task direction)
    {
        try
        {
            await direction;
        }
        finally
        {
            if (!direction.IsCompletedSuccessfully)
            {
                Cut();
            }
        }
    }

    private async Task ToServerAsync(NetworkStream fromClient)
    {
        var buffer = new byte[65_536];
        int count;
        do
        {
            count = await fromClient.ReadAsync(buffer, _cut.Token);
            await proxy.ToServer.PassAsync(_cut.Token);
            var first = proxy.ToServer.Tear(count);
            await SendAsync(_server, buffer.AsMemory(0, first));
            if (first < count)
            {
                await proxy.ToServer.PassAsync(_cut.Token);
                await SendAsync(_server, buffer.AsMemory(first, count - first));
            }
        }
        while (count > 0);
        _server.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Forwards whole messages up to the reply to a commit that is to be dropped.</summary>
    private async Task ToClientAsync(PipeReader fromServer)
    {
        var replies = new CommitReplies();
        while (true)
        {
            var read = await fromServer.ReadAsync(_cut.Token);
            await proxy.ToClient.PassAsync(_cut.Token);
            var left = read.Buffer;
            var whole = left;
            Action? dropped = null;
            while (dropped is null && replies.TryTake(ref left, out var isReply))
            {
                dropped = isReply ? proxy.TakeDrop() : null;
                whole = dropped is null ? left : whole;
            }

            foreach (var segment in read.Buffer.Slice(0, whole.Start))
            {
                await SendAsync(client, segment);
            }

            if (dropped is not null)
            {
                Cut();
                dropped();
                return;
            }

            fromServer.AdvanceTo(left.Start, left.End);
            if (read.IsCompleted)
            {
                client.Shutdown(SocketShutdown.Send);
                return;
            }
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, SocketFlags.None, _cut.Token)..];
        }
    }
}
