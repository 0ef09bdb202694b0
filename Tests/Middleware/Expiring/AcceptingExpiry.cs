namespace Tests.Middleware.Expiring;

/// <summary>The time for which an event is good, as its source says it.</summary>
[Trait("Store", "Any")]
public sealed class AcceptingExpiry : OnAService
{
    [Fact]
    public async Task It_counts_from_the_acceptance_and_the_history_shows_its_end()
    {
        var id = await Service.AcceptFor("1m30s");
        var other = await Service.Accept();

        Assert.Equal("2026-03-01T12:01:30Z", await Expiry(Service, id));
        Assert.Null(await Expiry(Service, other));
        var listed = (await Service.Get("/api/v1/events"))["items"]!.AsArray();
        Assert.Equal([null, "2026-03-01T12:01:30Z"], listed.Select(static item => (string?)item!["expires_at"]));
        await Service.UntilStatus(id, "delivered");
        Assert.DoesNotContain("expires", (await Service.Delivered(2))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1ms")]
    [InlineData("30d")]
    public async Task Its_ends_are_accepted(string expiresIn)
    {
        await Service.AcceptFor(expiresIn);
    }

    [Fact]
    public async Task Each_event_of_a_batch_has_its_own()
    {
        const string Batch =
            """
            [{"source":"s","event_type":"t","severity":"low","message":"m","expires_in":"1h"},
             {"source":"s","event_type":"t","severity":"low","message":"m","expires_in":"1"},
             {"source":"s","event_type":"t","severity":"low","message":"m","expires_in":null}]
            """;

        var answer = await Service.Post("/integrations/events/batch", HttpStatusCode.OK, Batch);

        var results = answer["results"]!.AsArray();
        Assert.Equal(["accepted", "rejected", "accepted"], results.Select(static result => (string?)result!["status"]));
        Assert.Equal("must be a duration such as 3s, 500ms or 1m30s, from 1ms to 30d; it is \"1\"", (string?)results[1]!["errors"]!["expires_in"]![0]);
        Assert.Equal("2026-03-01T13:00:00Z", await Expiry(Service, (string)results[0]!["event_id"]!));
        Assert.Null(await Expiry(Service, (string)results[2]!["event_id"]!));
    }

    [Fact]
    public async Task An_endpoint_shows_its_max_age_which_the_setting_gives_it_by_default()
    {
        await using var service = new MiddlewareService(("MAX_AGE", "6h"), ("Endpoints:pager:url", "https://pager.test/"), ("Endpoints:pager:max_age", "10m"));
        var created = await service.Create("""{"name":"n","url":"https://n.test/","max_age":"1m"}""");
        var path = $"/api/v1/endpoints/{created["id"]}";

        Assert.Equal("1m", (string?)created["max_age"]);
        Assert.Equal("6h", (string?)(await service.Get("/api/v1/endpoints/default"))["max_age"]);
        Assert.Equal("10m", (string?)(await service.Get("/api/v1/endpoints/pager"))["max_age"]);
        Assert.Equal("30d", (string?)(await service.Patch(path, HttpStatusCode.OK, """{"max_age":"30d"}"""))["max_age"]);
        Assert.Equal("6h", (string?)(await service.Patch(path, HttpStatusCode.OK, """{"max_age":null}"""))["max_age"]);
        var refusal = await service.Patch(path, HttpStatusCode.BadRequest, """{"max_age":"999ms"}""");
        Assert.Equal("must be a duration such as 3s, 500ms or 1m30s, from 1s to 30d; it is \"999ms\"", (string?)refusal["errors"]!["max_age"]![0]);
        await service.Restart();
        Assert.Equal("6h", (string?)(await service.Get(path))["max_age"]);
    }

    private static async Task<string?> Expiry(MiddlewareService service, string id) => (string?)(await service.Get($"/api/v1/events/{id}"))["expires_at"];
}
