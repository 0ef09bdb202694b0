using Middleware.Delivering;

namespace Tests.Middleware.Replays;

[Trait("Store", "Any")]
public sealed class Replaying : OnAService
{
    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"endpoint_id\":null}")]
    [InlineData("{\"endpoint_id\":\"default\"}")]
    public async Task A_delivered_event_is_delivered_again_under_its_id(string? body)
    {
        var id = await Service.AcceptAnswered(200);
        Service.Receiver.Hold();

        var answer = await Service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Accepted, body);

        var replayId = (string?)answer["replay_id"];
        Assert.Equal(id, (string?)answer["event_id"]);
        Assert.Equal(
            $$"""[{"delivery_id":"{{id}}.default","endpoint_id":"default","result":"queued"}]""", answer["deliveries"]!.ToJsonString());
        var found = await Service.Get($"/api/v1/events/{id}");
        Assert.Equal("pending", (string?)found["status"]);
        Assert.Equal(replayId, (string?)found["deliveries"]![0]!["replay_id"]);

        Service.Receiver.Release();
        await Service.UntilStatus(id, "delivered");
        Assert.Equal([null, replayId], Service.Receiver.Sent.Select(static delivery => delivery.ReplayId));
        Assert.Equal([id, id], Service.Receiver.Sent.Select(static delivery => delivery.Event.IdText));
    }

    [Fact]
    public async Task What_is_pending_is_not_queued_twice()
    {
        Service.Receiver.Hold();
        var id = await Service.Accept();

        var problem = await Service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Conflict);

        Assert.Equal("For the endpoint default the event is pending already.", (string?)problem["detail"]);
    }

    [Fact]
    public async Task An_event_that_was_discarded_can_be_replayed()
    {
        var id = await Service.AcceptAnswered(500);
        await Service.Discard($"{id}.default", HttpStatusCode.OK, "jane");
        Service.Receiver.Status = 200;

        await Service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Accepted);

        await Service.UntilStatus(id, "delivered");
    }

    [Fact]
    public async Task A_dead_letter_is_tried_again_at_once_and_not_by_its_schedule_as_well()
    {
        await using var service = new MiddlewareService(("REDELIVERY_SCHEDULE", "1h"));
        var id = await service.AcceptAnswered(500);
        service.Receiver.Hold();

        var answer = await service.Post($"/api/v1/dead-letters/{id}.default/replay", HttpStatusCode.Accepted);

        var deadLetter = await service.Get($"/api/v1/dead-letters/{id}.default");
        Assert.Equal("queued", (string?)deadLetter["state"]);
        Assert.Null(deadLetter["next_retry_at"]);
        var problem = await service.Post($"/api/v1/dead-letters/{id}.default/replay", HttpStatusCode.Conflict);
        Assert.Equal($"The dead letter {id}.default is pending again already.", (string?)problem["detail"]);
        await service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Conflict);

        service.Receiver.Status = 200;
        service.Receiver.Release();
        await service.UntilStatus(id, "delivered");
        Assert.Equal((string?)answer["replay_id"], service.Receiver.Sent[1].ReplayId);
        await service.Ask(HttpMethod.Get, $"/api/v1/dead-letters/{id}.default", HttpStatusCode.NotFound);
        await service.Post($"/api/v1/dead-letters/{id}.default/replay", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Replays_and_the_schedule_together_send_once()
    {
        // One more would open the circuit.
        const int Letters = Circuit.FewestTries - 1;
        await using var service = new MiddlewareService(("REDELIVERY_SCHEDULE", "1h"));
        var ids = new List<string>();
        for (var count = 0; count < Letters; count++)
        {
            ids.Add(await service.AcceptAnswered(503));
        }

        var due = TestClock.Noon + TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1);
        service.Receiver.Status = 200;
        service.Receiver.Hold();

        var replays = ids.SelectMany(id => Enumerable.Range(0, 4).Select(_ =>
            service.Http.PostAsync($"/api/v1/dead-letters/{id}.default/replay", null, Waiting.Cancellation)));
        var schedule = Enumerable.Range(0, 20).Select(_ => Task.Run(() => service.Store.QueueDueAsync(due, limit: 3, Waiting.Cancellation)));
        var answers = Task.WhenAll(replays);
        await Task.WhenAll(schedule);
        var accepted = (await answers).Count(static answer => answer.StatusCode == HttpStatusCode.Accepted);
        while (await service.Store.QueueDueAsync(due, Letters, Waiting.Cancellation) > 0)
        {
            await Task.Yield();
        }

        service.Receiver.Release();
        foreach (var id in ids)
        {
            await service.UntilStatus(id, "delivered");
        }

        Assert.All(await answers, static answer => Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.Conflict));
        Assert.Equal(ids.Order(), service.Receiver.Sent.Skip(Letters).Select(static delivery => delivery.Event.IdText).Order());
        Assert.Equal(accepted, service.Receiver.Sent.Count(static delivery => delivery.ReplayId is not null));
    }

    [Theory]
    [InlineData("{\"endpoint_id\":\"pager\"}", "endpoint_id", "\"pager\" is not a registered endpoint")]
    [InlineData("{\"endpoint_id\":\"\"}", "endpoint_id", "must not be blank")]
    [InlineData("{\"endpoint_id\":7}", "endpoint_id", "must be a string")]
    [InlineData("{\"endpont_id\":\"default\"}", "endpont_id", "is not known; expected endpoint_id")]
    [InlineData("{\"endpoint_id\":null,\"endpoint_id\":null}", "body", "is not valid JSON: expected each member once, at most 64 levels deep")]
    [InlineData("[]", "body", "must be a JSON object")]
    [InlineData("{", "body", "is not valid JSON: at line 1, byte 2; expected each member once, at most 64 levels deep")]
    public async Task A_body_that_is_no_replay_or_names_no_endpoint_is_refused(string body, string name, string fault)
    {
        var id = await Service.AcceptAnswered(200);

        var problem = await Service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.BadRequest, body);

        var error = Assert.Single(problem["errors"]!.AsObject());
        Assert.Equal((name, fault), (error.Key, (string?)error.Value![0]));
        Assert.Single(Service.Receiver.Sent);
    }
}
