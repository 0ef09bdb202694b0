using System.Globalization;

namespace Tests.Middleware.Sending;

public class WhatIsSent
{
    private readonly TestClock _clock = new() { Hurried = Sender.Pauses };

    [Fact]
    public async Task The_request_is_as_the_contract_with_receivers_says()
    {
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = new Sender(_clock);
        var sent = Made.Event(payload: """{"message":"žluť 😀","metadata":{"a":1}}""");

        await sender.Send(receiver.Url, sent: sent);

        var request = Assert.Single(receiver.Requests);
        Assert.Equal("POST /hook?a=b HTTP/1.1", request.RequestLine);
        Assert.Equal("""{"message":"žluť 😀","metadata":{"a":1}}""", request.Body);
        Assert.Equal(
            [
                "Content-Length: " + sent.Payload.Length.ToString(CultureInfo.InvariantCulture),
                "Content-Type: application/json",
                "Host: " + receiver.Url.Authority,
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
        await using var receiver = new Receiver(Receiver.Answer(200));
        await using var sender = new Sender(_clock);

        await sender.Send(receiver.Url, sent: Made.Event(traceParent: TraceParent));

        Assert.Equal([TraceParent], receiver.Requests.Single()["traceparent"]);
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
}
