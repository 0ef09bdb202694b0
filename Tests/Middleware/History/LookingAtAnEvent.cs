using Middleware.Events;
using Tests.Middleware.Storage;

namespace Tests.Middleware.History;

[Trait("Store", "Any")]
public sealed class LookingAtAnEvent : OnAService
{
    [Fact]
    public async Task An_event_shows_its_payload_its_deliveries_and_every_attempt()
    {
        await using var service = new MiddlewareService(("REDELIVERY_SCHEDULE", "1h"));
        service.Receiver.Status = 503;
        var id = await service.Accept("billing", "paid", "fatal", "m", "c-9", """{"a":[1.50,null]}""");
        await service.UntilStatus(id, "dead_letter");

        var found = await service.Get($"/api/v1/events/{id}");

        Assert.Equal(
            ["event_id", "correlation_id", "source", "event_type", "priority", "status", "accepted_at", "expires_at", "endpoints", "trace_id", "payload", "deliveries", "attempts"],
            found.AsObject().Select(static member => member.Key));
        Assert.Equal(id, (string?)found["event_id"]);
        Assert.Equal("c-9", (string?)found["correlation_id"]);
        Assert.Equal("critical", (string?)found["priority"]);
        Assert.Equal("dead_letter", (string?)found["status"]);
        Assert.Equal("""{"a":[1.50,null]}""", found["payload"]!["metadata"]!.ToJsonString());
        Assert.Equal(
            $$"""[{"delivery_id":"{{id}}.default","endpoint_id":"default","status":"dead_letter","attempt_count":1,"delivered_at":null,"replay_id":null,"reason":"http_503","dead_at":"2026-03-01T12:00:00.0125Z","next_retry_at":"2026-03-01T13:00:00.0125Z","handed_to":null,"handed_from":null,"discarded_by":null,"discarded_at":null}]""",
            found["deliveries"]!.ToJsonString());
        var replica = StoreFolder.IsPostgres ? $"\"{Environment.MachineName}\"" : "null";
        Assert.Equal(
            $$"""[{"endpoint_id":"default","number":1,"started_at":"2026-03-01T12:00:00Z","latency_ms":12.5,"status_code":503,"reason":"http_503","error":"HTTP status 503","response":"{\u0022seen\u0022:true}","batch_id":null,"replica":{{replica}}}]""",
            found["attempts"]!.ToJsonString());
    }

    [Fact]
    public async Task Its_trace_is_the_one_it_was_sent_in()
    {
        using var traced = await Service.PostEvent(ServiceRequests.Valid, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        var id = (string)JsonNode.Parse(await traced.Content.ReadAsStringAsync(Waiting.Cancellation))!["event_id"]!;

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", (string?)(await Service.Get($"/api/v1/events/{id}"))["trace_id"]);
        Assert.Null((await Service.Get($"/api/v1/events/{await Service.Accept()}"))["trace_id"]);
    }

    [Fact]
    public async Task The_attempts_of_a_replay_are_added_to_those_before()
    {
        var id = await Service.AcceptAnswered(503);
        Service.Clock.Advance(TimeSpan.FromSeconds(10));
        Service.Receiver.Status = 200;
        await Service.Post($"/api/v1/dead-letters/{id}.default/replay", HttpStatusCode.Accepted);
        await Service.UntilStatus(id, "delivered");

        var found = await Service.Get($"/api/v1/events/{id}");

        Assert.Equal("2026-03-01T12:00:10.0125Z", (string?)found["deliveries"]![0]!["delivered_at"]);
        Assert.Null(found["deliveries"]![0]!["reason"]);
        Assert.Equal(["1 503", "2 200"], found["attempts"]!.AsArray().Select(static attempt => $"{attempt!["number"]} {attempt["status_code"]}"));
    }

    [Fact]
    public async Task The_time_of_acceptance_is_one_value_wherever_it_is_shown()
    {
        Service.Clock.Advance(TimeSpan.FromTicks(1_234_567));
        var id = await Service.AcceptAnswered(200);

        var found = await Service.Get($"/api/v1/events/{id}");

        var accepted = TestClock.Noon.AddTicks(1_234_560);
        var sent = Assert.Single(Service.Receiver.Sent).Event;
        Assert.Equal(accepted, (DateTimeOffset)found["accepted_at"]!);
        Assert.Equal(accepted, (DateTimeOffset)found["payload"]!["timestamp"]!);
        Assert.Equal(accepted, (DateTimeOffset)JsonNode.Parse(sent.Payload.Span)!["timestamp"]!);
        Assert.Equal(accepted, (DateTimeOffset)JsonNode.Parse(CloudEventPayload.Write(sent))!["time"]!);
        Assert.Equal(accepted, sent.AcceptedAt);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0198c0de-0000-7000-8000-000000000000")]
    [InlineData("0198c0de00007000800000000000000g")]
    public async Task An_id_that_is_none_is_refused(string id)
    {
        foreach (var problem in new[]
        {
            await Service.Ask(HttpMethod.Get, $"/api/v1/events/{id}", HttpStatusCode.BadRequest),
            await Service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.BadRequest),
        })
        {
            Assert.Equal($"\"{id}\" is not an event id; expected 32 hexadecimal digits", (string?)problem["errors"]!["event_id"]![0]);
        }
    }

    [Fact]
    public async Task An_event_that_is_not_known_is_not_found()
    {
        const string Id = "0198c0de000070008000000000000000";

        var problem = await Service.Ask(HttpMethod.Get, $"/api/v1/events/{Id}", HttpStatusCode.NotFound);
        await Service.Post($"/api/v1/events/{Id}/replay", HttpStatusCode.NotFound);

        Assert.Equal($"There is no event {Id}: it was never accepted here, or was purged (RETENTION).", (string?)problem["detail"]);
    }
}
