using System.Net.Sockets;

namespace Bench.Load;

/// <summary>One keep-alive connection with at most one request under way, never blocking.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _filled;
    private int _response;
    private ReadOnlyMemory<byte> _unsent;
    private byte[] _stamped = [];

    public LoadConnection(IPEndPoint target)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(target);
        _ = _socket.Handle;
        _socket.Blocking = false;
    }

    public Socket Socket => _socket;

    /// <summary>The moment at which the request under way should have been sent; latency counts from here.</summary>
    public long Intended { get; private set; }

    /// <summary>The response that came last, until the next begins to come.</summary>
    public ReadOnlySpan<byte> Response => _buffer.AsSpan(0, _response);

    public bool HasUnsent => !_unsent.IsEmpty;

    public void Send(ReadOnlyMemory<byte> request, long intended)
    {
        Intended = intended;
        _unsent = request;
        SendRest();
    }

    /// <summary>The same with <paramref name="intended"/> written into the request.</summary>
    public void SendStamped(ReadOnlySpan<byte> request, int stampAt, long intended)
    {
        // A copy of its own: the request is shared, and what is unsent of it would change with the next stamp.
        Array.Resize(ref _stamped, request.Length);
        request.CopyTo(_stamped);
        SentStamp.Write(_stamped, stampAt, intended);
        Send(_stamped, intended);
    }

    public void SendRest()
    {
        var sent = _socket.Send(_unsent.Span, SocketFlags.None, out var error);
        if (error is SocketError.Success)
        {
            _unsent = _unsent[sent..];
        }
        else if (error is not SocketError.WouldBlock)
        {
            throw new BenchException($"sending failed: {error}");
        }
    }

    /// <summary>Reads what has come; the status of the response once it is complete, 0 before.</summary>
    public int Receive()
    {
        var read = _socket.Receive(_buffer.AsSpan(_filled), SocketFlags.None, out var error);
        if (error is SocketError.WouldBlock)
        {
            return 0;
        }

        if (error is not SocketError.Success || read == 0)
        {
            throw new BenchException($"the server closed a connection with a request under way ({error})");
        }

        _filled += read;
        var length = HttpMessage.Length(_buffer.AsSpan(0, _filled), out var head);
        if (length == 0)
        {
            return _filled < _buffer.Length ? 0 : throw new BenchException("a response of more than 32 KiB");
        }

        if (length != _filled)
        {
            throw new BenchException("the server sent more than one response to a request");
        }

        (_response, _filled) = (_filled, 0);
        return HttpMessage.Status(_buffer.AsSpan(0, head));
    }

    public void Dispose() => _socket.Dispose();
}
