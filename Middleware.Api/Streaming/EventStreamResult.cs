using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Middleware.Callers;

namespace Middleware.Streaming;

/// <summary>
/// Answers with server-sent events until the client goes, the service stops or the credential ends. A client that does not read is cut off by the limits of
/// the server; it holds up nobody.
/// </summary>
/// <seealso href="https://html.spec.whatwg.org/multipage/server-sent-events.html"/>
internal sealed class EventStreamResult(StreamListener listener, EventStreams streams, Gate gate) : IResult
{
    public const string MediaType = "text/event-stream";

    private static readonly byte[] Retry = Encoding.UTF8.GetBytes("retry: 2000\n\n");
    private static readonly byte[] Event = Encoding.UTF8.GetBytes("event: accepted\nid: ");
    private static readonly byte[] Data = Encoding.UTF8.GetBytes("\ndata: ");
    private static readonly byte[] End = Encoding.UTF8.GetBytes("\n\n");

    private bool _isFlushing;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (listener)
        {
            var response = httpContext.Response;
            response.ContentType = MediaType;
            response.Headers.CacheControl = "no-store";
            response.Headers["X-Accel-Buffering"] = "no";

            // A stop need not wait for another request on the connection.
            response.Headers.Connection = "close";
            httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            if (HttpMethods.IsHead(httpContext.Request.Method))
            {
                return;
            }

            using var ended = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, streams.Stopping);
            try
            {
                await StreamAsync(httpContext, ended.Token);
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // The client is gone, or the service stops: the client comes back with its last id. A stop does not wait for one that does not read.
                if (_isFlushing)
                {
                    httpContext.Abort();
                }
            }
        }
    }

    private async Task StreamAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var json = (JsonTypeInfo<AcceptedEventItem>)context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions.GetTypeInfo(typeof(AcceptedEventItem));
        var body = context.Response.BodyWriter;
        using var writer = new Utf8JsonWriter(body);
        body.Write(Retry);

        // A client without an event yet comes back to the place from which it listened.
        WriteId();
        while (await IsFlushedAsync())
        {
            var page = await listener.NextAsync(cancellationToken);
            if (!await gate.IsStillOpenAsync(context))
            {
                return;
            }

            foreach (var (place, item) in page.Events)
            {
                body.Write(Event);
                WriteText(place);
                body.Write(Data);
                writer.Reset(body);
                JsonSerializer.Serialize(writer, item, json);
                writer.Flush();
                body.Write(End);
            }

            if (page.Events.Count == 0)
            {
                body.Write(": still here\n"u8);
                WriteId();
            }
        }

        async ValueTask<bool> IsFlushedAsync()
        {
            _isFlushing = true;
            var flushed = await body.FlushAsync(cancellationToken);
            _isFlushing = false;
            return !flushed.IsCompleted;
        }

        // Without data it is no event: it moves the client's last id past events that it does not ask for.
        void WriteId()
        {
            body.Write("id: "u8);
            WriteText(listener.Place);
            body.Write(End);
        }

        void WriteText(string text)
        {
            var written = Encoding.ASCII.GetBytes(text, body.GetSpan(text.Length));
            body.Advance(written);
        }
    }
}
