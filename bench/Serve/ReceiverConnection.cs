using System.Diagnostics;
using System.Net.Sockets;

namespace Bench.Serve;

/// <summary>One connection of the receiver, never blocking; a request stays in the buffer until it is answered.</summary>
internal sealed class ReceiverConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[16 * 1024];
    private int _filled;
    private int _head;

    public ReceiverConnection(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _ = _socket.Handle;
        _socket.Blocking = false;
    }

    public Socket Socket => _socket;

    /// <summary>The length of the complete request in the buffer, 0 while there is none.</summary>
    public int Length { get; private set; }

    /// <summary>When the request in the buffer was complete, in monotonic ticks.</summary>
    public long ReceivedAt { get; private set; }

    public ReadOnlySpan<byte> Head => _buffer.AsSpan(0, _head);

    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_head, Length - _head);

    /// <summary>Reads what has come; false when the other side has closed.</summary>
    public bool Receive()
    {
        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = _socket.Receive(_buffer.AsSpan(_filled), SocketFlags.None, out var error);
        if (error is SocketError.WouldBlock)
        {
            return true;
        }

        if (error is not SocketError.Success || read == 0)
        {
            return false;
        }

        _filled += read;
        if (Length == 0)
        {
            FindRequest();
        }

        return true;
    }

    /// <summary>Answers the request in the buffer; what came behind it moves to the front.</summary>
    public void Answer(ReadOnlySpan<byte> response)
    {
        var rest = _filled - Length;
        _buffer.AsSpan(Length, rest).CopyTo(_buffer);
        _filled = rest;
        FindRequest();

        var sent = _socket.Send(response, SocketFlags.None, out var error);
        if (error is SocketError.Success && sent < response.Length)
        {
            throw new BenchException("an answer did not fit the socket's buffer");
        }
    }

    public void Dispose() => _socket.Dispose();

    private void FindRequest()
    {
        Length = _filled == 0 ? 0 : HttpMessage.Length(_buffer.AsSpan(0, _filled), out _head);
        ReceivedAt = Length > 0 ? Stopwatch.GetTimestamp() : 0;
    }
}
