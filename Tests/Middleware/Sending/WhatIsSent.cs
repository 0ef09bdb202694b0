using System.Globalization;
using Middleware.Endpoints;

namespace Tests.Middleware.Sending;

public sealed class WhatIsSent : OnASender
{
    [Fact]
    public async Task The_request_is_as_the_contract_with_receivers_says()
    {
        var sent = Made.Event(payload: """{"message":"žluť 😀","metadata":{"a":1}}""");

        await Sender.Send(Receiver.Url, sent: sent);

        var request = Assert.Single(Receiver.Requests);
        Assert.Equal("POST /hook?a=b HTTP/1.1", request.RequestLine);
        Assert.Equal("""{"message":"žluť 😀","metadata":{"a":1}}""", request.Body);
        Assert.Equal(
            [
                "Content-Length: " + sent.Payload.Length.ToString(CultureInfo.InvariantCulture),
                "Content-Type: application/json",
                "Host: " + Receiver.Url.Authority,
                "traceparent: 00-" + sent.IdText + "-" + sent.IdText[16..] + "-00",
                "User-Agent: AspireIntegration/0.1.0",
                "webhook-id: " + sent.IdText,
                "webhook-timestamp: 1772366400",
                "X-Correlation-ID: c-1",
                "X-Delivery-Attempt: 1",
            ],
            request.Headers.Order(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_trace_of_the_accepted_request_goes_on()
    {
        const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        await Sender.Send(Receiver.Url, sent: Made.Event(traceParent: TraceParent));

        Assert.Equal([TraceParent], Receiver.Requests.Single()["traceparent"]);
    }

    [Fact]
    public async Task Each_try_bears_its_number_and_time_and_everything_else_stays()
    {
        await using var receiver = new Receiver(Receiver.Answer(503));
        var clock = new TestClock();
        await using var sender = new Sender(clock);

        var sending = sender.Send(receiver.Url);
        await clock.Pass(TimeSpan.FromMilliseconds(500));
        await clock.Pass(TimeSpan.FromSeconds(1));
        await clock.Pass(TimeSpan.FromSeconds(2));
        await sending;

        Assert.Equal(["1", "2", "3", "4"], receiver.Requests.SelectMany(request => request["X-Delivery-Attempt"]));
        Assert.Equal(["1772366400", "1772366400", "1772366401", "1772366403"], receiver.Requests.SelectMany(request => request["webhook-timestamp"]));
        var others = receiver.Requests.Select(request => string.Join('\n', request.Headers
            .Where(header => !header.StartsWith("X-Delivery", StringComparison.Ordinal) && !header.StartsWith("webhook-timestamp", StringComparison.Ordinal))
            .Append(request.Body)));
        Assert.Single(others.Distinct());
    }

    [Fact]
    public async Task A_connection_serves_many_deliveries()
    {
        await using var receiver = new Receiver(Receiver.Answer(200, "ok"));
        var endpoint = Sender.Endpoint(receiver.Url, maxRetries: 0);

        foreach (var sent in new[] { Made.Event(), Made.Event(), Made.Event() })
        {
            var outcome = await Sender.Send(endpoint, sent);
            Assert.True(outcome.IsDelivered);
            Assert.Equal(sent.IdText, receiver.Requests[^1]["webhook-id"].Single());
        }
    }

    [Fact]
    public async Task A_name_that_service_discovery_knows_is_resolved_by_it()
    {
        await using var sender = new Sender(Clock, ("services:external-alerts:http:0", $"http://{Receiver.Url.Authority}"));

        var outcome = await sender.Send(new Uri("http://external-alerts/external/alerts"), maxRetries: 0);

        Assert.True(outcome.IsDelivered);
        Assert.Equal("POST /external/alerts HTTP/1.1", Receiver.Requests.Single().RequestLine);
    }

    [Fact]
    public async Task A_changed_endpoint_is_served_as_it_is_now()
    {
        await using var receiver = new Receiver(Receiver.Answer(503));
        await using var other = new Receiver(Receiver.Answer(200));
        var endpoint = Sender.Endpoint(receiver.Url, maxRetries: 0);

        Assert.Single((await Sender.Send(endpoint)).Attempts);
        Assert.Equal(2, (await Sender.Send(endpoint with { Retries = new RetryPlan(TimeSpan.FromSeconds(3), 1, TimeSpan.Zero) })).Attempts.Count);
        Assert.True((await Sender.Send(endpoint with { Url = other.Url })).IsDelivered);
    }
}
