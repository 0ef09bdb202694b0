using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Tests.Middleware;

namespace Tests.EndToEnd;

[RunsNatively]
[Trait("Speed", "Slow")]
public sealed class FollowingAnEvent
{
    private const string CorrelationId = "Order-4711_retry.2";

    private const string Event = """{"source":"tests","event_type":"tested","severity":"info","message":"followed"}""";

    [Fact(Timeout = Waiting.TestLimit)]
    public async Task The_request_on_the_wire_bears_the_headers_that_receivers_are_promised()
    {
        var requests = Channel.CreateUnbounded<(IHeaderDictionary Headers, JsonNode Body)>();
        await using var receiver = await WebReceiver.StartAsync(async context =>
        {
            var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            await requests.Writer.WriteAsync((new HeaderDictionary(context.Request.Headers.ToDictionary()), body!), context.RequestAborted);
        });
        using var middleware = await RunningMiddleware.StartAsync(RunningMiddleware.InMemory, $"EXTERNAL_ENDPOINT_URL={receiver.Url}");

        using var answer = await middleware.Client.PostAsync(Event, $"X-Correlation-ID: {CorrelationId}");

        var eventId = await MiddlewareClient.EventIdAsync(answer);
        var (headers, body) = await requests.Reader.ReadAsync(Waiting.Cancellation);
        Assert.Equal(
            ["content-length", "content-type", "host", "traceparent", "user-agent", "webhook-id", "webhook-timestamp", "x-correlation-id", "x-delivery-attempt"],
            headers.Keys.Select(static name => name.ToLowerInvariant()).Order());
        Assert.Equal(CorrelationId, headers["X-Correlation-ID"]);
        Assert.Equal(eventId, headers["webhook-id"]);
        Assert.Equal("1", headers["X-Delivery-Attempt"]);
        Assert.Equal("application/json", headers.ContentType);
        Assert.Equal((eventId, CorrelationId), ((string?)body["event_id"], (string?)body["correlation_id"]));
    }
}
