using System.Globalization;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Sending;

public sealed class WhatIsSentTogether : IAsyncDisposable
{
    private readonly Receiver _receiver = new(Receiver.Answer(503), Receiver.Answer(200));
    private readonly TestClock _clock = new() { Hurried = Sender.Pauses };
    private readonly Sender _sender;

    public WhatIsSentTogether() => _sender = new Sender(_clock);

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task A_batch_is_an_array_under_an_id_of_its_own_that_is_the_same_on_every_try()
    {
        var batch = Batch("""{"message":"žluť"}""", """{"message":"b"}""", """{"message":"c"}""");

        var outcome = await Send(batch, Endpoint());

        Assert.True(outcome.IsDelivered);
        Assert.Equal(2, _receiver.Requests.Count);
        foreach (var request in _receiver.Requests)
        {
            Assert.Equal("""[{"message":"žluť"},{"message":"b"},{"message":"c"}]""", request.Body);
            Assert.Equal(["application/json"], request["Content-Type"]);
            Assert.Equal([batch.IdText], request["webhook-id"]);
            Assert.Equal([batch.IdText], request["X-Correlation-ID"]);
            Assert.Equal(["00-" + batch.IdText + "-" + batch.IdText[16..] + "-00"], request["traceparent"]);
        }

        Assert.Equal(["1", "2"], _receiver.Requests.SelectMany(request => request["X-Delivery-Attempt"]));
    }

    [Fact]
    public async Task The_signature_is_of_the_whole_array_and_the_batches_id()
    {
        Assert.True(WebhookSecret.TryParse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", out var secret, out _));
        var batch = Batch("""{"a":1}""", """{"b":2}""");

        await Send(batch, Endpoint() with { Secrets = new SigningSecrets(secret) });

        var request = _receiver.Requests[^1];
        var timestamp = long.Parse(request["webhook-timestamp"].Single(), CultureInfo.InvariantCulture);
        Assert.Equal([secret.Sign(batch.IdText, timestamp, """[{"a":1},{"b":2}]"""u8)], request["webhook-signature"]);
    }

    [Theory]
    [InlineData(true, "application/cloudevents-batch+json")]
    [InlineData(false, "application/cloudevents+json")]
    public async Task Cloud_events_come_under_their_own_content_type(bool inBatches, string expected)
    {
        var endpoint = Endpoint() with { Format = DeliveryFormat.CloudEvents, Batch = inBatches ? new BatchPlan(2, TimeSpan.Zero) : null };
        var payload = """{"severity":"low","message":"m","metadata":{},"timestamp":"2026-03-01T12:00:00Z"}""";

        await (inBatches ? Send(Batch(payload, payload), endpoint) : _sender.Send(endpoint, Made.Event(payload: payload)));

        var request = _receiver.Requests[^1];
        Assert.Equal([expected], request["Content-Type"]);
        var body = JsonNode.Parse(request.Body)!;
        Assert.Equal("1.0", (string?)(inBatches ? body[1] : body)!["specversion"]);
    }

    [Fact]
    public async Task To_an_endpoint_of_batches_one_event_comes_in_an_array_too()
    {
        var sent = Made.Event(payload: """{"a":1}""");

        await _sender.Send(Endpoint(), sent);

        Assert.Equal("""[{"a":1}]""", _receiver.Requests[^1].Body);
        Assert.Equal([sent.IdText], _receiver.Requests[^1]["webhook-id"]);
    }

    [Fact]
    public async Task A_batch_stays_one_when_the_endpoint_wants_none_any_more()
    {
        await Send(Batch("""{"a":1}""", """{"b":2}"""), Endpoint() with { Batch = null });

        Assert.Equal("""[{"a":1},{"b":2}]""", _receiver.Requests[^1].Body);
    }

    private WebhookEndpoint Endpoint() => Sender.Endpoint(_receiver.Url, maxRetries: 1) with { Batch = new BatchPlan(100, TimeSpan.Zero) };

    private Task<SentShipment> Send(Shipment batch, WebhookEndpoint endpoint) => _sender.Send(endpoint, batch);

    private static Shipment Batch(params string[] payloads) => new()
    {
        BatchId = new Guid("01a20738-c274-777b-a272-2048b8df11d7"),
        Deliveries = [.. payloads.Select((payload, index) => Delivery.Of(Made.Event(payload: payload), index + 1, EndpointId.Default))],
    };
}
