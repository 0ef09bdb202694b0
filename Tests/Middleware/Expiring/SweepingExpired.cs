using Tests.Middleware.Telemetry;

namespace Tests.Middleware.Expiring;

/// <summary>Deliveries that no worker comes to end at their deadline.</summary>
[Trait("Store", "Any")]
public sealed class SweepingExpired : OnAService
{
    private const string Off = """{"name":"off","url":"https://off.test/","enabled":false,"max_age":"1m"}""";

    [Fact]
    public async Task At_a_disabled_endpoint_they_end_and_nobody_is_told()
    {
        await Service.Post("/api/v1/endpoints/default/disable", HttpStatusCode.OK);
        var (id, stays) = (await Service.AcceptFor("1m"), await Service.Accept());
        Assert.Equal(2, Service.Waits);

        await Service.PassingUntilExpired(id);

        Assert.Equal(1, Service.Waits);
        Assert.True(Service.Clock.GetUtcNow() >= TestClock.Noon + TimeSpan.FromMinutes(1));
        var delivery = (await Service.Get($"/api/v1/events/{id}"))["deliveries"]![0]!;
        Assert.Equal(("expired", "expired", 0), ((string?)delivery["status"], (string?)delivery["reason"], (int)delivery["attempt_count"]!));
        Assert.Equal(id, (string?)Assert.Single((await Service.Get("/api/v1/events?status=expired"))["items"]!.AsArray())!["event_id"]);
        Assert.Equal(0, await Service.Count("/api/v1/dead-letters"));
        Assert.Equal(1, await Service.Count("/api/v1/dead-letters?state=expired"));
        Assert.Equal("pending", await Service.StatusOf(stays, "default"));
        Assert.Empty(Service.Log.Of("failed to send event"));
        await Waiting.Until(() => Service.Log.Of("delivery expired").Any());
        Assert.Single(Service.Log.Of("delivery expired"), line => (string?)line.Values["eventId"] == id && (string?)line.Values["endpoint"] == "default");
        var scrape = await Scrape.Until(Service.Http, """integration_deliveries_expired_total{endpoint="default"}""", 1);
        Assert.Empty(scrape.Having("integration_deadletters_total{"));
        await Service.Post("/api/v1/endpoints/default/enable", HttpStatusCode.OK);
        await Service.UntilStatus(stays, "delivered");
        Assert.False(Service.HasSent(id));
    }

    [Fact]
    public async Task They_end_by_the_max_age_that_the_endpoint_has_now()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        var path = $"/api/v1/endpoints/{(await service.Create(Off))["id"]}";
        await service.Patch(path, HttpStatusCode.OK, """{"max_age":"5m"}""");
        var (first, second) = (await service.Accept(severity: "critical"), await service.Accept());
        service.Clock.Advance(TimeSpan.FromMinutes(2));
        var third = await service.Accept();
        Assert.Equal(3, service.WaitsInAll);

        await service.Patch(path, HttpStatusCode.OK, """{"max_age":"1m"}""");
        await service.After(TimeSpan.FromSeconds(1), second, "expired");
        await service.After(TimeSpan.Zero, first, "expired");
        Assert.Equal(1, service.WaitsInAll);

        await service.PassingUntilExpired(third);
        Assert.Empty(service.Receiver.Sent);
    }

    [Fact]
    public async Task A_dead_letter_that_is_due_while_its_endpoint_is_disabled_ends_by_its_max_age()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        service.Receiver.Status = 503;
        var path = $"/api/v1/endpoints/{(await service.Create("""{"name":"n","url":"https://n.test/","redelivery_schedule":["1m"],"max_age":"2m"}"""))["id"]}";
        var id = await service.Accept();
        await service.UntilStatus(id, "dead_letter");
        await service.Patch(path, HttpStatusCode.OK, """{"enabled":false}""");
        await service.After(TimeSpan.FromSeconds(61), id, "pending");

        await service.PassingUntilExpired(id);

        Assert.Single(service.Receiver.Sent);
        Assert.True(service.Clock.GetUtcNow() >= TestClock.Noon + TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_dead_letter_whose_next_attempt_would_come_too_late_ends_with_its_event()
    {
        await using var service = new MiddlewareService(("REDELIVERY_SCHEDULE", "1m"));
        service.Receiver.Status = 503;
        var id = await service.AcceptFor("90s");
        await service.UntilStatus(id, "dead_letter");

        // As if the service had been down at the time of its attempt.
        StoreSql.Execute(service.DatabasePath, "UPDATE dead_letters SET next_retry_at = next_retry_at + 600000000");
        await service.PassingUntilExpired(id);

        Assert.Single(service.Receiver.Sent);
        var delivery = (await service.Get($"/api/v1/events/{id}"))["deliveries"]![0]!;
        Assert.Equal(("expired", 1, null), ((string?)delivery["status"], (int)delivery["attempt_count"]!, (string?)delivery["next_retry_at"]));
    }

    [Fact]
    public async Task Behind_an_open_circuit_they_end_and_it_stays_open()
    {
        Service.Receiver.Status = 503;
        await Service.Accept(60);
        await Waiting.Until(async () => await Circuit(Service) == "open");
        var sent = Service.Receiver.Sent.Count;
        var id = await Service.AcceptFor("2s");

        await Service.After(TimeSpan.FromSeconds(2), id, "expired");

        Assert.False(Service.HasSent(id));
        Assert.Equal((sent, "open"), (Service.Receiver.Sent.Count, await Circuit(Service)));
    }

    [Fact]
    public async Task One_that_a_lane_holds_is_not_sent_when_the_clock_is_set_back()
    {
        Service.Receiver.Hold();
        await Service.Accept();
        await Waiting.Until(() => Service.Receiver.Running == 1);
        var id = await Service.AcceptFor("1m");
        await Service.PassingUntilExpired(id);

        // The line follows the notice for the lane; the status is seen from the commit on.
        await Waiting.Until(() => Service.Log.Of("delivery expired").Any());
        Service.Clock.AdjustTime(TestClock.Noon);
        Service.Receiver.Release();
        var next = await Service.Accept();
        await Service.UntilStatus(next, "delivered");

        Assert.Equal(2, Service.Receiver.Sent.Count);
        Assert.Equal("expired", await Service.StatusOf(id, "default"));
    }

    [Theory]
    [InlineData(200, "delivered", 0)]
    [InlineData(400, "expired", 1)]
    [InlineData(503, "expired", 1)]
    public async Task An_attempt_under_way_tells_the_truth_and_no_other_follows(int status, string expected, int expired)
    {
        await using var service = new MiddlewareService(("MAX_RETRIES", "5"), ("REDELIVERY_SCHEDULE", "1m"));
        service.Receiver.Status = status;
        service.Receiver.Hold();
        var id = await service.AcceptFor("1m");
        await Waiting.Until(() => service.Receiver.Running == 1);
        await service.PassingUntilExpired(id);

        service.Receiver.Release();
        await Waiting.Until(async () => (int)(await service.Get($"/api/v1/events/{id}"))["deliveries"]![0]!["attempt_count"]! == 1);

        Assert.Equal(expected, await service.StatusOf(id, "default"));
        Assert.Equal(expected, (string?)(await service.Get($"/api/v1/events/{id}"))["status"]);
        Assert.Equal(expired, await service.Count("/api/v1/dead-letters?state=expired"));
        Assert.Equal(0, await service.Count("/api/v1/dead-letters"));
        Assert.Empty(service.Log.Of("failed to send event"));
        var next = await service.AcceptAnswered(200);
        await service.UntilStatus(next, "delivered");
        Assert.Equal(2, service.Receiver.Sent.Count);
    }

    [Fact]
    public async Task An_erased_event_stays_erased_also_when_it_had_expired_under_way()
    {
        await Service.Create(Off);
        Service.Receiver.Hold();
        var id = await Service.AcceptFor("1m");
        await Waiting.Until(() => Service.Receiver.Running == 1);
        await Service.PassingUntilExpired(id);
        var other = await Service.AcceptFor("1m");

        foreach (var erased in (string[])[id, other])
        {
            Assert.Equal(HttpStatusCode.NoContent, await Service.Status(HttpMethod.Delete, $"/api/v1/events/{erased}"));
        }

        Service.Receiver.Release();
        await Service.UntilStatus(await Service.Accept(), "default", "delivered");
        await Service.Passing(() => Task.FromResult(Service.Clock.GetUtcNow() > TestClock.Noon + TimeSpan.FromMinutes(5)));

        foreach (var erased in (string[])[id, other])
        {
            var shown = await Service.Get($"/api/v1/events/{erased}");
            Assert.Equal("erased", (string?)shown["status"]);
            Assert.Empty(shown["attempts"]!.AsArray());
        }

        Assert.Equal(["erased", "erased"], (await Service.Get($"/api/v1/events/{other}"))["deliveries"]!.AsArray().Select(static delivery => (string?)delivery!["status"]));
    }

    private static async Task<string?> Circuit(MiddlewareService service) => (string?)(await service.Get("/api/v1/endpoints/default/health"))["circuit"];
}
