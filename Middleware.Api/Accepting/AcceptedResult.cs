using System.Diagnostics;
using System.Text;
using Middleware.History;

namespace Middleware.Accepting;

/// <summary>
/// The answer to accepted events; to a single one <c>{"status":"accepted","event_id":"...","correlation_id":"..."}</c>. Written by hand: it answers
/// every event, and JSON escapes no character of either id.
/// </summary>
internal sealed class AcceptedResult(ReadOnlyMemory<byte> body, AcceptForm form) : IResult
{
    private const int FixedLength = 128;
    private const int IdLength = 32;

    private static ReadOnlySpan<byte> BeforeId => "{\"status\":\"accepted\",\"event_id\":\""u8;

    public static byte[] Write(Guid eventId, string correlationId)
    {
        Span<byte> buffer = stackalloc byte[FixedLength + correlationId.Length];
        var length = Append(buffer, BeforeId);
        var fits = eventId.TryFormat(buffer[length..], out var written, "N");
        Debug.Assert(fits);
        length += written;
        length += Append(buffer[length..], "\",\"correlation_id\":\""u8);
        length += Encoding.ASCII.GetBytes(correlationId, buffer[length..]);
        length += Append(buffer[length..], "\"}"u8);
        return buffer[..length].ToArray();
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = form.Status;
        if (form.TellsLocation)
        {
            response.Headers.Location = $"{HistoryRoutes.Path}/{Encoding.ASCII.GetString(body.Span.Slice(BeforeId.Length, IdLength))}";
        }

        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.BodyWriter.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }

    private static int Append(Span<byte> buffer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer);
        return bytes.Length;
    }
}
