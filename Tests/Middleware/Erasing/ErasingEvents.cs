using Microsoft.Extensions.DependencyInjection;
using Middleware.Delivering;
using Tests.Middleware.Crash;
using Tests.Middleware.Storage.AtRest;

namespace Tests.Middleware.Erasing;

/// <summary>Erasing an event, and all that is left of it.</summary>
[Trait("Store", "Any")]
public sealed class ErasingEvents : OnAService
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Payload_and_responses_go_and_the_ids_stay(bool encrypted)
    {
        await using var service = new MiddlewareService(encrypted ? TestKeys.All("k1") : []);
        service.Receiver.Answer = static _ => Made.Attempt(200) with { Response = "canary-response"u8.ToArray() };
        var id = await service.Accept(message: "canary-payload");
        await service.UntilStatus(id, "delivered");

        Assert.Equal(HttpStatusCode.NoContent, await Erase(service, id));

        var shown = await service.Get($"/api/v1/events/{id}");
        Assert.Equal(("erased", "tests", "made", "c-1"), ((string?)shown["status"], (string?)shown["source"], (string?)shown["event_type"], (string?)shown["correlation_id"]));
        Assert.Null(shown["payload"]);
        var attempt = Assert.Single(shown["attempts"]!.AsArray());
        Assert.Equal((200, null), ((int)attempt!["status_code"]!, attempt["response"]));
        Assert.Equal("delivered", (string?)shown["deliveries"]![0]!["status"]);
        Assert.Equal(id, (string?)Assert.Single((await service.Get("/api/v1/events?status=erased"))["items"]!.AsArray())!["event_id"]);
        Assert.Empty((await service.Get("/api/v1/events?q=canary"))["items"]!.AsArray());
        await Waiting.Until(() => Canary.In(service, "canary-payload", "canary-response").Count == 0);
        Assert.Equal(HttpStatusCode.NoContent, await Erase(service, id));
        Assert.Single(service.Log.Of("event erased"), line => (string?)line.Values["eventId"] == id && (int?)line.Values["endedDeliveries"] == 0);
    }

    [Fact]
    public async Task A_pending_delivery_ends_as_erased_and_its_body_is_held_no_more()
    {
        Service.Receiver.Hold();
        await Service.Accept();
        await Waiting.Until(() => Service.Receiver.Running == 1);
        var before = await HeldAtRest(Service);
        var (erased, next) = (await Service.Accept(message: new string('x', 10_000)), await Service.Accept());
        Assert.InRange(await HeldAtRest(Service) - before, 10_000, 20_000);

        Assert.Equal(HttpStatusCode.NoContent, await Erase(Service, erased));

        Assert.InRange(await HeldAtRest(Service) - before, 1, 9_999);
        Assert.Equal(2, Service.Waits);
        Service.Receiver.Release();
        await Service.Recorded();
        await Service.UntilStatus(next, "delivered");
        Assert.Equal(2, Service.Receiver.Sent.Count);
        var delivery = (await Service.Get($"/api/v1/events/{erased}"))["deliveries"]![0]!;
        Assert.Equal(("erased", "erased", 0), ((string?)delivery["status"], (string?)delivery["reason"], (int)delivery["attempt_count"]!));
        Assert.Empty((await Service.Get("/api/v1/dead-letters"))["items"]!.AsArray());
        Assert.Single((await Service.Get("/api/v1/dead-letters?state=erased"))["items"]!.AsArray());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(503)]
    public async Task An_attempt_under_way_finishes_and_no_other_follows(int status)
    {
        await using var service = new MiddlewareService(("MAX_RETRIES", "5"));
        service.Receiver.Status = status;
        service.Receiver.Hold();
        var id = await service.Accept();
        await Waiting.Until(() => service.Receiver.Running == 1);

        Assert.Equal(HttpStatusCode.NoContent, await Erase(service, id));
        service.Receiver.Release();
        await service.Passing(() => Task.FromResult(service.Receiver.Running == 0 && Idle(service)));

        Assert.Single(service.Receiver.Sent);
        var shown = await service.Get($"/api/v1/events/{id}");
        Assert.Equal("erased", (string?)shown["status"]);
        Assert.Empty(shown["attempts"]!.AsArray());
    }

    [Fact]
    public async Task A_batch_goes_without_an_event_that_is_erased_while_it_is_gathered()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        await service.Create("""{"name":"batches","url":"https://batches.test/","batch":{"max_size":10,"max_wait":"1m"}}""");
        var (erased, first, second) = (await service.Accept(), await service.Accept(), await service.Accept());
        await Waiting.Until(() => Held(service) == 0);

        Assert.Equal(HttpStatusCode.NoContent, await Erase(service, erased));
        await service.Passing(() => Task.FromResult(service.Receiver.Batches.Count == 1));

        Assert.Equal([first, second], service.Receiver.Batches[0].Deliveries.Select(static delivery => delivery.Event.IdText));
        await service.Passing(() => Task.FromResult(service.WaitsInAll == 0));
    }

    [Fact]
    public async Task A_dead_letter_ends_as_erased_and_a_replay_is_410()
    {
        var id = await Service.AcceptAnswered(400);

        Assert.Equal(HttpStatusCode.NoContent, await Erase(Service, id));

        var replay = await Service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Gone, "{}");
        Assert.Equal($"The event {id} was erased: there is nothing to deliver any more.", (string?)replay["detail"]);
        await Service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Gone, """{"endpoint_id":"default"}""");
        await Service.Post($"/api/v1/dead-letters/{id}.default/replay", HttpStatusCode.Gone);
        await Service.Discard($"{id}.default", HttpStatusCode.Gone, "me");
        var delivery = (await Service.Get($"/api/v1/events/{id}"))["deliveries"]![0]!;
        Assert.Equal(("erased", "http_400"), ((string?)delivery["status"], (string?)delivery["reason"]));
        foreach (var of in new[] { "events", "dead_letters" })
        {
            Assert.Equal(0, (int)(await Service.Post("/api/v1/replays", HttpStatusCode.OK, $$$"""{"of":"{{{of}}}","filter":{},"dry_run":true}"""))["total"]!);
        }

        Assert.Single(Service.Receiver.Sent);
    }

    [Theory]
    [InlineData("/integrations/events", false)]
    [InlineData("/integrations/events/batch", false)]
    [InlineData("/integrations/events", true)]
    public async Task The_answer_that_its_key_keeps_goes_and_those_of_others_stay(string path, bool encrypted)
    {
        await using var service = new MiddlewareService(encrypted ? TestKeys.All("k1") : []);
        var body = path.EndsWith("batch", StringComparison.Ordinal) ? $"[{ServiceRequests.Event("a")}]" : ServiceRequests.Event("a");
        using var first = await service.Post(path, body, "Idempotency-Key: erased");
        using var other = await service.Post(path, body, "Idempotency-Key: other");
        var id = await IdOf(first);

        Assert.Equal(HttpStatusCode.NoContent, await Erase(service, id));

        using var again = await service.Post(path, body, "Idempotency-Key: erased");
        using var replayed = await service.Post(path, body, "Idempotency-Key: other");
        Assert.False(again.Headers.Contains("Idempotency-Replayed"));
        Assert.NotEqual(id, await IdOf(again));
        Assert.Equal(await IdOf(other), await IdOf(replayed));
    }

    [Fact]
    public async Task Another_event_s_rows_are_untouched()
    {
        var (one, two) = (await Service.AcceptAnswered(200), await Service.AcceptAnswered(400));

        await Erase(Service, one);

        Assert.Equal(("dead_letter", "m"), ((string?)(await Service.Get($"/api/v1/events/{two}"))["status"], (string?)(await Service.Get($"/api/v1/events/{two}"))["payload"]!["message"]));
        await Service.Post($"/api/v1/events/{two}/replay", HttpStatusCode.Accepted, "{}");
    }

    [Fact]
    public async Task An_event_that_is_not_known_is_404_and_no_id_is_400()
    {
        Assert.Equal(HttpStatusCode.NotFound, await Erase(Service, new string('0', 32)));
        Assert.Equal(HttpStatusCode.BadRequest, await Erase(Service, "x"));
    }

    [Fact(Timeout = CrashStage.TestLimit)]
    [RunsNatively]
    [Trait("Speed", "Slow")]
    public async Task After_a_kill_it_is_gone_too()
    {
        await using var stage = await CrashStage.SetAsync();
        using (var service = await stage.StartAsync())
        {
            using var client = new MiddlewareClient(service.Address);
            await client.Accept(50);
            using var posted = await client.PostAsync("""{"source":"s","event_type":"t","severity":"low","message":"canary-payload"}""");
            var id = await MiddlewareClient.EventIdAsync(posted);
            await client.LookWhenEnded(id);
            Assert.NotEmpty(Canary.In(stage.Folder, "canary-payload"));
            await client.Ask(HttpMethod.Delete, $"/api/v1/events/{id}", HttpStatusCode.NoContent);
            await service.KillAsync();
        }

        using var next = await stage.StartAsync();
        await Waiting.WithinTheTest(() => Canary.In(stage.Folder, "canary-payload").Count == 0);
        Assert.Equal(0, await next.StopAsync());
    }

    /// <summary>The bytes that are held when no lane reads, for which it sets a megabyte aside.</summary>
    private static async Task<long> HeldAtRest(MiddlewareService service)
    {
        await Waiting.Until(() => Held(service) < 1_000_000);
        return Held(service);
    }

    private static long Held(MiddlewareService service) => service.Services.GetRequiredService<LaneHost>().HeldBytes;

    /// <summary>True when no worker has a delivery at hand: each ends after its patience.</summary>
    private static bool Idle(MiddlewareService service) => service.Services.GetRequiredService<LaneHost>().Workers == 0;

    private static Task<HttpStatusCode> Erase(MiddlewareService service, string id) => service.Status(HttpMethod.Delete, $"/api/v1/events/{id}");

    private static async Task<string> IdOf(HttpResponseMessage answer)
    {
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;
        return (string)(body["results"]?[0] ?? body)["event_id"]!;
    }
}
