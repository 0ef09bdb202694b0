using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServiceDefaults.Bodies;

/// <summary>The reason for which a body was not read.</summary>
public enum BodyFault
{
    /// <summary>The body was read.</summary>
    None,

    /// <summary>413.</summary>
    TooLarge,

    /// <summary>415: its Content-Encoding is not decoded.</summary>
    Encoded,

    /// <summary>400: it does not match its Content-Encoding.</summary>
    Broken,

    /// <summary>503: the bodies under way take all the room there is.</summary>
    NoRoom,

    /// <summary>408: it came too slowly. It is the last request of its connection.</summary>
    TooSlow,
}

/// <summary>
/// The body of a request in one piece. It stays in the buffers of its connection, which grow with its bytes and not with its declared length. It
/// takes room of the <see cref="BodyBudget"/> until it is disposed of, when its request is answered.
/// </summary>
public readonly struct RequestBody : IDisposable
{
    /// <summary>The size that takes no room: it fits in the block that its connection has anyway.</summary>
    private const int FreeBytes = 4 << 10;

    /// <summary>The largest body, in bytes, that is handled on a thread that waits for sockets.</summary>
    private const int MostOnSocketThread = 16 << 10;

    /// <summary>
    /// The largest pooled array. The shared pool keeps an array for each size and thread: of larger ones that would be more than all bodies may take.
    /// </summary>
    private const int MostPooledBytes = 1 << 20;

    private readonly PipeReader? _reader;
    private readonly SequencePosition _end;
    private readonly byte[]? _rented;
    private readonly BodyBudget? _budget;
    private readonly long _taken;

    private RequestBody(PipeReader reader, ReadOnlySequence<byte> bytes, BodyBudget budget, long taken)
    {
        (_budget, _taken) = (budget, taken);
        if (bytes.IsSingleSegment)
        {
            (_reader, _end, Bytes) = (reader, bytes.End, bytes.First);
            return;
        }

        var length = (int)bytes.Length;
        var copy = length <= MostPooledBytes ? _rented = ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);
        bytes.CopyTo(copy);
        reader.AdvanceTo(bytes.End);
        Bytes = copy.AsMemory(0, length);
    }

    private RequestBody(BodyFault fault) => Fault = fault;

    /// <summary>Empty when there is a fault; not valid any more once it is freed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The reason for which there are no bytes.</summary>
    public BodyFault Fault { get; }

    /// <summary>Reads a body of at most <paramref name="maxBytes"/>, decoded ones counted.</summary>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, int maxBytes, BodyBudget budget, CancellationToken cancellationToken)
    {
        // A decoded body has lost the header.
        if (request.Headers.ContentEncoding.Count > 0)
        {
            return new RequestBody(BodyFault.Encoded);
        }

        if (request.ContentLength > maxBytes)
        {
            return new RequestBody(BodyFault.TooLarge);
        }

        var reader = request.BodyReader;
        var isDecoded = BodyDecoding.IsDecoded(request.HttpContext);
        var taken = 0L;
        var isOnSocketThread = true;
        BodyPace? pace = null;
        try
        {
            while (true)
            {
                var reading = reader.ReadAsync(pace?.Token ?? cancellationToken);
                isOnSocketThread |= !reading.IsCompleted;
                var result = await reading;
                if (isOnSocketThread && (isDecoded || (result.IsCompleted && result.Buffer.Length > MostOnSocketThread)))
                {
                    await Task.Yield();
                    isOnSocketThread = false;
                }

                var length = result.Buffer.Length;
                var fault = length > maxBytes ? BodyFault.TooLarge : length > FreeBytes && !budget.TryTake(length - taken) ? BodyFault.NoRoom : BodyFault.None;
                if (fault != BodyFault.None)
                {
                    reader.AdvanceTo(result.Buffer.End);
                    budget.GiveBack(taken);
                    return new RequestBody(fault);
                }

                taken = length > FreeBytes ? length : 0;
                if (result.IsCompleted)
                {
                    return new RequestBody(reader, result.Buffer, budget, taken);
                }

                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                if (pace is not null)
                {
                    pace.Note(length);
                }
                else if (taken > BodyPace.LeastBytes)
                {
                    pace = new BodyPace(request.HttpContext.RequestServices.GetRequiredService<TimeProvider>(), length, cancellationToken);
                }
            }
        }
        catch (Exception exception)
        {
            budget.GiveBack(taken);
            if (exception is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }
                || (exception is OperationCanceledException && pace is not null && !cancellationToken.IsCancellationRequested))
            {
                return new RequestBody(BodyFault.TooSlow);
            }

            if (BodyDecoding.IsBroken(request.HttpContext, exception))
            {
                return new RequestBody(BodyFault.Broken);
            }

            throw;
        }
        finally
        {
            pace?.Dispose();
        }
    }

    /// <summary>Gives the buffers back, and not the room: objects made of the body may take as much.</summary>
    public void Free()
    {
        _reader?.AdvanceTo(_end);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Dispose()
    {
        if (_taken > 0)
        {
            _budget!.GiveBack(_taken);
        }
    }
}
