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
    public async Task The_client_s_correlation_id_is_in_the_log_lines_of_both_services()
    {
        using var services = await ServicePair.StartAsync();

        using var answer = await services.Events.PostAsync(Event, $"X-Correlation-ID: {CorrelationId}");

        var eventId = await MiddlewareClient.EventIdAsync(answer);
        await Waiting.SeeAsync(() => LinesAsync(services.Middleware), static lines => lines.Length >= 2, "two lines of the middleware");
        await Waiting.SeeAsync(() => LinesAsync(services.Alerts), static lines => lines.Length >= 1, "a line of the receiver");
        Assert.Equal([("event accepted", eventId), ("event delivered", eventId)], (await LinesAsync(services.Middleware)).Order());
        Assert.Equal([("alert received", eventId)], await LinesAsync(services.Alerts));

        static Task<(string, string)[]> LinesAsync(ServiceProcess service) => Task.FromResult<(string, string)[]>(
            [.. from line in service.Log
                where (string?)line["correlation_id"] == CorrelationId
                select ((string)line["msg"]!, (string)line["event_id"]!)]);
    }

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
