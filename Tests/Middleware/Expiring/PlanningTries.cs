namespace Tests.Middleware.Expiring;

/// <summary>A next attempt that would come too late is not planned; a replay is made however late it is.</summary>
public sealed class PlanningTries
{
    [Fact]
    public async Task A_retry_past_the_deadline_is_not_made_and_the_attempt_is_kept()
    {
        await using var service = new MiddlewareService(("MAX_RETRIES", "5"), ("BASE_DELAY", "10s"), ("REDELIVERY_SCHEDULE", "1m"));
        service.Receiver.Status = 503;

        var id = await service.AcceptFor("10s");
        await service.UntilStatus(id, "expired");

        Assert.Equal(TestClock.Noon, service.Clock.GetUtcNow());
        var shown = await service.Get($"/api/v1/events/{id}");
        Assert.Equal("http_503", (string?)Assert.Single(shown["attempts"]!.AsArray())!["reason"]);
        Assert.Equal(0, service.Waits);
        Assert.Empty(service.Log.Of("failed to send event"));
        await Waiting.Until(() => service.Log.Of("delivery expired").Any());
        Assert.Equal(0, await service.Count("/api/v1/dead-letters"));
    }

    [Fact]
    public async Task A_retry_before_it_is_made()
    {
        await using var service = new MiddlewareService(("MAX_RETRIES", "5"), ("BASE_DELAY", "10s"));
        service.Receiver.Status = 503;

        var id = await service.AcceptFor("11s");
        await Waiting.Until(async () => (int)(await service.Get($"/api/v1/events/{id}"))["deliveries"]![0]!["attempt_count"]! == 1);
        await service.After(TimeSpan.FromSeconds(10), id, "expired");

        Assert.Equal([1, 2], service.Receiver.Sent.Select(static delivery => delivery.AttemptsBefore + 1));
    }

    [Fact]
    public async Task The_slow_tier_plans_none_past_it_either()
    {
        await using var service = new MiddlewareService(("REDELIVERY_SCHEDULE", "1m,1m"));
        service.Receiver.Status = 503;

        var id = await service.AcceptFor("2m");
        await service.UntilStatus(id, "dead_letter");
        await service.After(TimeSpan.FromSeconds(61), id, "expired");

        Assert.Equal(2, service.Receiver.Sent.Count);
        Assert.True(service.Clock.GetUtcNow() < TestClock.Noon + TimeSpan.FromMinutes(2));
        var delivery = (await service.Get($"/api/v1/events/{id}"))["deliveries"]![0]!;
        Assert.Equal(("expired", "expired", 2), ((string?)delivery["status"], (string?)delivery["reason"], (int)delivery["attempt_count"]!));
    }

    [Theory]
    [InlineData("""{"fallback_endpoint_id":"FALLBACK","redelivery_schedule":[],"max_age":"1m"}""", null)]
    [InlineData("""{"fallback_endpoint_id":"FALLBACK","redelivery_schedule":[]}""", "1m")]
    public async Task The_fallback_gets_nothing_that_expired(string endpoint, string? expiresIn)
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        var fallback = (string)(await service.Create("""{"name":"f","url":"https://f.test/","filter":{"sources":["none"]}}"""))["id"]!;
        var definition = JsonNode.Parse(endpoint.Replace("FALLBACK", fallback, StringComparison.Ordinal))!;
        (definition["name"], definition["url"]) = ("n", "https://n.test/");
        var first = (string)(await service.Create(definition.ToJsonString()))["id"]!;
        service.Receiver.Status = 503;
        service.Receiver.Hold();
        var id = expiresIn is null ? await service.Accept() : await service.AcceptFor(expiresIn);
        await Waiting.Until(() => service.Receiver.Running == 1);
        service.Clock.Advance(TimeSpan.FromMinutes(1));
        service.Receiver.Release();

        await Waiting.Until(async () => (int)(await service.Get($"/api/v1/events/{id}"))["deliveries"]![0]!["attempt_count"]! == 1);

        await service.UntilStatus(id, first, "expired");
        Assert.Null(await service.StatusOf(id, fallback));
        Assert.Equal(first, service.Receiver.Sent.Single().EndpointId.Value);
    }

    [Fact]
    public async Task A_replay_ignores_it_and_when_it_fails_the_dead_letter_waits_for_an_operator()
    {
        await using var service = new MiddlewareService(("MAX_RETRIES", "1"), ("BASE_DELAY", "0s"), ("REDELIVERY_SCHEDULE", "1m"));
        await service.Post("/api/v1/endpoints/default/disable", HttpStatusCode.OK);
        var id = await service.AcceptFor("1m");
        await service.PassingUntilExpired(id);
        await service.Post("/api/v1/endpoints/default/enable", HttpStatusCode.OK);
        var refused = await service.Post($"/api/v1/dead-letters/{id}.default/replay", HttpStatusCode.Conflict);
        Assert.Contains("Replay the event to deliver it after all.", (string)refused["detail"]!, StringComparison.Ordinal);

        service.Receiver.Status = 503;
        await service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Accepted, "{}");
        await service.UntilStatus(id, "dead_letter");
        Assert.Equal(2, service.Receiver.Sent.Count);
        var deadLetter = Assert.Single((await service.Get("/api/v1/dead-letters"))["items"]!.AsArray())!;
        Assert.Equal(("resting", "http_503", null), ((string?)deadLetter["state"], (string?)deadLetter["reason"], (string?)deadLetter["next_retry_at"]));

        service.Receiver.Status = 200;
        await service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Accepted, "{}");
        await service.UntilStatus(id, "delivered");
        Assert.Equal(0, await service.Count("/api/v1/dead-letters?state=expired"));
    }

    [Fact]
    public async Task A_replay_that_is_taken_back_leaves_it_expired()
    {
        await using var service = new MiddlewareService();
        await service.Post("/api/v1/endpoints/default/disable", HttpStatusCode.OK);
        var id = await service.AcceptFor("1m");
        await service.PassingUntilExpired(id);
        var replay = await service.Post("/api/v1/replays", HttpStatusCode.Accepted, """{"of":"events","filter":{}}""");
        await service.Passing(async () => await service.StatusOf(id, "default") == "pending");
        await service.Passing(() => Task.FromResult(service.Clock.GetUtcNow() > TestClock.Noon + TimeSpan.FromMinutes(5)));
        Assert.Equal("pending", await service.StatusOf(id, "default"));

        await service.Ask(HttpMethod.Delete, $"/api/v1/replays/{replay["id"]}", HttpStatusCode.OK);

        Assert.Equal("expired", await service.StatusOf(id, "default"));
        Assert.Equal(0, await service.Count("/api/v1/dead-letters"));
    }

    [Fact]
    public async Task A_batch_goes_without_one_whose_deadline_came_while_it_was_gathered()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        await service.Create("""{"name":"batches","url":"https://batches.test/","batch":{"max_size":10,"max_wait":"1m"}}""");
        var (late, first, second) = (await service.AcceptFor("30s"), await service.Accept(), await service.AcceptFor("30d"));

        await service.Passing(() => Task.FromResult(service.Receiver.Batches.Count == 1));

        Assert.Equal([first, second], service.Receiver.Batches[0].Deliveries.Select(static delivery => delivery.Event.IdText));
        await service.UntilStatus(late, "expired");
        await service.UntilStatus(second, "delivered");
        Assert.Equal(0, service.WaitsInAll);
    }
}
