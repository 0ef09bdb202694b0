using System.Buffers;
using System.IO.Pipelines;

namespace Middleware.Api;

/// <summary>The body of a request in one piece of rented memory; it is copied as it arrives, so that it is held once.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstBytes = 64 << 10;

    private readonly int _maxBytes;
    private byte[] _buffer;
    private int _length;

    private RequestBody(int maxBytes, int size)
    {
        _maxBytes = maxBytes;
        _buffer = ArrayPool<byte>.Shared.Rent(size);
    }

    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Null when there is more of it than <paramref name="maxBytes"/>.</summary>
    public static async ValueTask<RequestBody?> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

        var body = new RequestBody(maxBytes, (int)(request.ContentLength ?? FirstBytes));
        try
        {
            if (await body.TryFillAsync(request.BodyReader, cancellationToken))
            {
                return body;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }

        body.Dispose();
        return null;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private async ValueTask<bool> TryFillAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var fits = TryAppend(result.Buffer);
            reader.AdvanceTo(result.Buffer.End);
            if (!fits || result.IsCompleted)
            {
                return fits;
            }
        }
    }

    private bool TryAppend(ReadOnlySequence<byte> part)
    {
        if (_length + part.Length > _maxBytes)
        {
            return false;
        }

        var length = _length + (int)part.Length;
        if (length > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(_maxBytes, Math.Max(length, _buffer.Length * 2)));
            Bytes.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        part.CopyTo(_buffer.AsSpan(_length));
        _length = length;
        return true;
    }
}
