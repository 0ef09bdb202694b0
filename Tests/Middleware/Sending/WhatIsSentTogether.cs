using System.Globalization;
using Middleware.Delivering;
using Middleware.Endpoints;
using Middleware.Events;

namespace Tests.Middleware.Sending;

public sealed class WhatIsSentTogether : OnASender
{
    public WhatIsSentTogether() => Receiver = new Receiver(Receiver.Answer(503), Receiver.Answer(200));

    [Fact]
    public async Task A_batch_is_an_array_under_an_id_of_its_own_that_is_the_same_on_every_try()
    {
        var batch = Batch("""{"message":"žluť"}""", """{"message":"b"}""", """{"message":"c"}""");

        var outcome = await Sender.Send(Endpoint(), batch);

        Assert.True(outcome.IsDelivered);
        Assert.Equal(2, Receiver.Requests.Count);
        foreach (var request in Receiver.Requests)
        {
            Assert.Equal("""[{"message":"žluť"},{"message":"b"},{"message":"c"}]""", request.Body);
            Assert.Equal(["application/json"], request["Content-Type"]);
            Assert.Equal([batch.IdText], request["webhook-id"]);
            Assert.Equal([batch.IdText], request["X-Correlation-ID"]);
            Assert.Equal(["00-" + batch.IdText + "-" + batch.IdText[16..] + "-00"], request["traceparent"]);
        }

        Assert.Equal(["1", "2"], Receiver.Requests.SelectMany(request => request["X-Delivery-Attempt"]));
    }

    [Fact]
    public async Task The_signature_is_of_the_whole_array_and_the_batches_id()
    {
        Assert.True(WebhookSecret.TryParse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", out var secret, out _));
        var batch = Batch("""{"a":1}""", """{"b":2}""");

        await Sender.Send(Endpoint() with { Secrets = new SigningSecrets(secret) }, batch);

        var request = Receiver.Requests[^1];
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

        await (inBatches ? Sender.Send(endpoint, Batch(payload, payload)) : Sender.Send(endpoint, Made.Event(payload: payload)));

        var request = Receiver.Requests[^1];
        Assert.Equal([expected], request["Content-Type"]);
        var body = JsonNode.Parse(request.Body)!;
        Assert.Equal("1.0", (string?)(inBatches ? body[1] : body)!["specversion"]);
    }

    [Fact]
    public async Task To_an_endpoint_of_batches_one_event_comes_in_an_array_too()
    {
        var sent = Made.Event(payload: """{"a":1}""");

        await Sender.Send(Endpoint(), sent);

        Assert.Equal("""[{"a":1}]""", Receiver.Requests[^1].Body);
        Assert.Equal([sent.IdText], Receiver.Requests[^1]["webhook-id"]);
    }

    [Fact]
    public async Task A_batch_stays_one_when_the_endpoint_wants_none_any_more()
    {
        await Sender.Send(Endpoint() with { Batch = null }, Batch("""{"a":1}""", """{"b":2}"""));

        Assert.Equal("""[{"a":1},{"b":2}]""", Receiver.Requests[^1].Body);
    }

    private WebhookEndpoint Endpoint() => Sender.Endpoint(Receiver.Url, maxRetries: 1) with { Batch = new BatchPlan(100, TimeSpan.Zero) };

    private static Shipment Batch(params string[] payloads) => new()
    {
        BatchId = new Guid("01a20738-c274-777b-a272-2048b8df11d7"),
        Deliveries = [.. payloads.Select((payload, index) => Delivery.Of(Made.Event(payload: payload), index + 1, EndpointId.Default))],
    };
}
