using System.Diagnostics;
using System.Text;

namespace Middleware.Api;

/// <summary>
/// 200 <c>{"status":"accepted","event_id":"...","correlation_id":"..."}</c>. Written by hand: it is the answer to every event,
/// and both ids have only characters that JSON does not escape.
/// </summary>
internal sealed class AcceptedResult(Guid eventId, string correlationId) : IResult
{
    private const int FixedLength = 96;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var length = Write(response.BodyWriter.GetSpan(FixedLength + 32 + correlationId.Length));

        response.ContentType = "application/json";
        response.ContentLength = length;
        response.BodyWriter.Advance(length);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }

    private int Write(Span<byte> buffer)
    {
        var length = Append(buffer, "{\"status\":\"accepted\",\"event_id\":\""u8);
        var fits = eventId.TryFormat(buffer[length..], out var written, "N");
        Debug.Assert(fits);
        length += written;
        length += Append(buffer[length..], "\",\"correlation_id\":\""u8);
        length += Encoding.ASCII.GetBytes(correlationId, buffer[length..]);
        return length + Append(buffer[length..], "\"}"u8);
    }

    private static int Append(Span<byte> buffer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer);
        return bytes.Length;
    }
}
