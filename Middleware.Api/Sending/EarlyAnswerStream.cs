using System.Runtime.CompilerServices;

namespace Middleware.Sending;

/// <summary>
/// A connection whose answer is read while the request is still sent (<see href="https://www.rfc-editor.org/rfc/rfc9112#section-9.5">RFC 9112
/// 9.5</see>). A receiver may refuse a body before it has read it, and then close the connection or read no more. HttpClient looks for an answer only
/// after the whole request. It would see a broken connection, or wait until the attempt ends.
/// </summary>
/// <remarks>One writes and one reads at a time, as HttpClient does.</remarks>
internal sealed class EarlyAnswerStream(Stream connection) : Stream
{
    private const int BufferSize = 4096;

    /// <summary>The size, in bytes, below which a request is sent before any answer can come, unless the receiver has no room for it.</summary>
    private const int Large = 64 * 1024;

    private readonly CancellationTokenSource _refused = new();

    /// <summary>Bytes of the request that are still to be sent; 0 for one that is not <see cref="Large"/>.</summary>
    private long _owed;

    private volatile bool _isReading;
    private volatile bool _isAnswered;
    private volatile bool _isOver;
    private Task<ReadOnlyMemory<byte>>? _watching;
    private ReadOnlyMemory<byte> _ahead;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isOver)
        {
            return ValueTask.CompletedTask;
        }

        if (_owed == 0)
        {
            _isAnswered = false;
            Volatile.Write(ref _owed, HttpHead.LengthOf(buffer.Span) is > Large and var length ? length : 0);
        }

        // A socket's write that has failed since it began reports success, and throws when it is awaited.
        var writing = connection.WriteAsync(buffer, _refused.Token);
        if (writing != default)
        {
            return SendAsync(writing, buffer.Length);
        }

        Sent(buffer.Length);
        return default;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_watching is not null || !_ahead.IsEmpty)
        {
            return ReadAheadAsync(buffer);
        }

        _isReading = true;
        var reading = connection.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompletedSuccessfully || IsAwaited)
        {
            return ReceiveAsync(reading, buffer);
        }

        _isReading = false;
        return reading;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _isOver ? Task.CompletedTask : connection.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            connection.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsAwaited => !_isAnswered && Volatile.Read(ref _owed) > 0;

    private void Sent(int length) => Volatile.Write(ref _owed, Math.Max(0, _owed - length));

    /// <summary>Waits for a write that the receiver has not taken at once, and looks for its answer meanwhile.</summary>
    private async ValueTask SendAsync(ValueTask writing, int length)
    {
        try
        {
            if (!writing.IsCompleted)
            {
                Volatile.Write(ref _owed, Math.Max(_owed, length));

                // A reused connection is being read already; a read that ends now may have found the refusal.
                if (!_isReading && !_isAnswered && !_isOver)
                {
                    _watching = WatchAsync();
                }
            }

            await writing;
        }
        catch (Exception exception) when (exception is IOException || _isOver)
        {
            // The answer decides, if there is one: bytes received before the connection broke can still be read.
            _isOver = true;
        }
        finally
        {
            Sent(length);
        }
    }

    private async Task<ReadOnlyMemory<byte>> WatchAsync()
    {
        var buffer = new byte[BufferSize];
        _isReading = true;
        var length = await ReceiveAsync(connection.ReadAsync(buffer), buffer);
        return _ahead.IsEmpty ? buffer.AsMemory(0, length) : (byte[])[.. buffer.AsSpan(0, length), .. _ahead.Span];
    }

    private async ValueTask<int> ReadAheadAsync(Memory<byte> buffer)
    {
        if (_watching is { } watching)
        {
            _ahead = await watching;
            _watching = null;
        }

        var length = Math.Min(buffer.Length, _ahead.Length);
        _ahead[..length].CopyTo(buffer);
        _ahead = _ahead[length..];
        return length;
    }

    /// <summary>
    /// Ends a read, and with it the write under way when the receiver refuses the request. Each request passes here: nothing is allocated.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(ValueTask<int> reading, Memory<byte> buffer)
    {
        try
        {
            var length = await reading;
            while (IsAwaited && length > 0)
            {
                var at = HttpHead.RefusalIn(buffer.Span[..length]);
                if (at > 0)
                {
                    return await EndAsync(buffer, length, at);
                }

                var more = at == HttpHead.TooShort && length < buffer.Length ? await connection.ReadAsync(buffer[length..]) : 0;
                _isAnswered = more == 0;
                length += more;
            }

            return length;
        }
        finally
        {
            _isReading = false;
        }
    }

    /// <summary>
    /// Ends the sending. The receiver would take the rest of the request for the next one. The answer is given a header by which HttpClient does not
    /// reuse the connection.
    /// </summary>
    private async ValueTask<int> EndAsync(Memory<byte> buffer, int length, int at)
    {
        byte[] answer = [.. buffer.Span[..at], .. "Connection: close\r\n"u8, .. buffer.Span[at..length]];
        var fits = Math.Min(answer.Length, buffer.Length);
        answer.AsSpan(0, fits).CopyTo(buffer.Span);
        _ahead = answer.AsMemory(fits);
        _isOver = true;
        await _refused.CancelAsync();
        return fits;
    }
}
