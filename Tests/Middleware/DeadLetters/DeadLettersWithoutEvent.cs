namespace Tests.Middleware.DeadLetters;

public sealed class DeadLettersWithoutEvent : OnAService
{
    [Fact]
    public async Task A_dead_letter_whose_event_is_gone_is_shown_without_it_and_can_be_discarded()
    {
        await Service.AcceptAnswered(404, "other");
        await Service.AcceptAnswered(404, "lost");
        Assert.Equal(1, StoreSql.Number(Service.DatabasePath, "DELETE FROM events WHERE source = 'lost' RETURNING 1"));

        var listed = (await Service.Get("/api/v1/dead-letters"))["items"]!.AsArray();

        var shown = listed[0]!;
        var id = (string)shown["delivery_id"]!;
        Assert.Matches("^0{16}[0-9a-f]{16}\\.default$", id);
        Assert.All((string[])["event_id", "correlation_id", "source", "event_type", "priority", "accepted_at"], name => Assert.Null(shown[name]));
        Assert.Equal(("http_404", "resting", "default"), ((string?)shown["reason"], (string?)shown["state"], (string?)shown["endpoint_id"]));
        Assert.Equal("other", (string?)listed[1]!["source"]);

        var found = await Service.Get($"/api/v1/dead-letters/{id}");
        Assert.Equal("http_404", (string?)Assert.Single(found["attempts"]!.AsArray())!["reason"]);
        Assert.Equal(id, (string?)(await Service.Discard(id, HttpStatusCode.OK, "jane"))["delivery_id"]);
        Assert.Equal("discarded", (string?)(await Service.Get($"/api/v1/dead-letters/{id}"))["state"]);
    }

    [Fact]
    public async Task Tried_again_it_is_unreadable()
    {
        await Service.AcceptAnswered(404, "lost");
        Assert.Equal(1, StoreSql.Number(Service.DatabasePath, "DELETE FROM events WHERE source = 'lost' RETURNING 1"));
        var id = (string)Only(await Service.Get("/api/v1/dead-letters"))["delivery_id"]!;

        var answer = await Service.Post($"/api/v1/dead-letters/{id}/replay", HttpStatusCode.Accepted);

        Assert.Null(answer["event_id"]);
        await Waiting.Until(() => StoreSql.Number(Service.DatabasePath, "SELECT COUNT(*) FROM dead_letters WHERE reason = 'unreadable' AND failures = 2") == 1);
        var again = Only(await Service.Get("/api/v1/dead-letters"));
        Assert.Equal((id, "resting"), ((string?)again["delivery_id"], (string?)again["state"]));
    }

    private static JsonNode Only(JsonNode page) => Assert.Single(page["items"]!.AsArray())!;
}
