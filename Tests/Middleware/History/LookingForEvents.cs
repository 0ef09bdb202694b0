namespace Tests.Middleware.History;

[Trait("Store", "Any")]
public sealed class LookingForEvents : OnAService
{
    [Fact]
    public async Task Events_are_listed_newest_first_with_how_they_stand()
    {
        var first = await Service.AcceptAnswered(200, "billing", "paid", "critical");
        var second = await Service.AcceptAnswered(500, "shop", "sold", "nonsense");

        var page = await Service.Get("/api/v1/events");

        Assert.Equal(
            $$"""{"event_id":"{{second}}","correlation_id":"c-1","source":"shop","event_type":"sold","priority":"low","status":"dead_letter","accepted_at":"2026-03-01T12:00:00Z","expires_at":null,"endpoints":1}""",
            page["items"]![0]!.ToJsonString());
        Assert.Equal(first, (string?)page["items"]![1]!["event_id"]);
        Assert.Equal("delivered", (string?)page["items"]![1]!["status"]);
        Assert.Equal(2, page["items"]!.AsArray().Count);
        Assert.Null(page["next_cursor"]);
        Assert.True(page.AsObject().ContainsKey("next_cursor"));
    }

    [Theory]
    [InlineData("source=billing", "13")]
    [InlineData("event_type=paid", "12")]
    [InlineData("priority=high", "23")]
    [InlineData("priority=HIGH&source=shop", "2")]
    [InlineData("correlation_id=c-b", "23")]
    [InlineData("correlation_id=c-b&event_type=paid", "2")]
    [InlineData("since=2026-03-01T12:01:00Z", "23")]
    [InlineData("since=2026-03-01T13:01:00%2B01:00", "23")]
    [InlineData("until=2026-03-01T12:01:00Z", "1")]
    [InlineData("since=2026-03-01T12:01:00Z&until=2026-03-01T12:02:00Z", "2")]
    [InlineData("since=2026-03-02", "")]
    [InlineData("q=BURNING", "1")]
    [InlineData("q=say%20%22hi%22", "2")]
    [InlineData("q=gr%C3%BCn", "3")]
    [InlineData("q=in%20the%20metadata", "3")]
    [InlineData("q=nowhere", "")]
    [InlineData("source=nobody", "")]
    public async Task Filters_leave_what_they_ask_for(string query, string expected)
    {
        var ids = new List<string> { await Service.Accept("billing", "paid", "low", "The house is burning", "c-a") };
        Service.Clock.Advance(TimeSpan.FromMinutes(1));
        ids.Add(await Service.Accept("shop", "paid", "high", "They say \"hi\"", "c-b"));
        Service.Clock.Advance(TimeSpan.FromMinutes(1));
        ids.Add(await Service.Accept("billing", "sold", "high", "GR\u00DCN", "c-b", """{"note":"in the metadata"}"""));

        var found = await EventIds(Service, query);

        Assert.Equal(expected.Reverse().Select(digit => ids[digit - '1']), found);
    }

    [Fact]
    public async Task The_status_tells_what_is_owed_delivered_and_given_up()
    {
        var delivered = await Service.AcceptAnswered(200);
        var dead = await Service.AcceptAnswered(404);
        var discarded = await Service.AcceptAnswered(404);
        await Service.Discard($"{discarded}.default", HttpStatusCode.OK, "jane");
        Service.Receiver.Hold();
        var pending = await Service.Accept();

        Assert.Equal([pending], await EventIds(Service, "status=pending"));
        Assert.Equal([delivered], await EventIds(Service, "status=delivered"));
        Assert.Equal([discarded, dead], await EventIds(Service, "status=dead_letter"));
        Assert.Equal([], await EventIds(Service, "status=unrouted"));

        await Service.Post($"/api/v1/events/{delivered}/replay", HttpStatusCode.Accepted);
        Assert.Equal([pending, delivered], await EventIds(Service, "status=pending&limit=1"));
    }

    [Fact]
    public async Task An_event_that_no_endpoint_matched_is_unrouted()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        var id = await service.Accept();

        Assert.Equal([id], await EventIds(service, "status=unrouted"));
        Assert.Equal([], await EventIds(service, "status=delivered"));
        var found = await service.Get($"/api/v1/events/{id}");
        Assert.Equal("unrouted", (string?)found["status"]);
        Assert.Equal("[]", found["deliveries"]!.ToJsonString());
        var problem = await service.Post($"/api/v1/events/{id}/replay", HttpStatusCode.Conflict);
        Assert.Equal("No endpoint matched this event: there is nowhere to deliver it to.", (string?)problem["detail"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("source=old&")]
    [InlineData("correlation_id=c-1&")]
    public async Task Paging_misses_nothing_and_repeats_nothing_while_events_come(string filter)
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        var old = await service.Accept(25, "old");
        var (found, pages) = (new List<string>(), 0);
        await foreach (var page in service.Pages($"/api/v1/events?{filter}limit=10"))
        {
            found.AddRange(page.Select(static item => (string)item!["event_id"]!));
            pages++;
            await service.Accept("new");
            await service.Accept("old");
        }

        old.Reverse();
        Assert.Equal(old, found);
        Assert.Equal(3, pages);
    }

    [Fact]
    public async Task A_page_that_holds_just_what_there_is_is_the_last()
    {
        await using var service = MiddlewareService.WithoutEndpoint();
        await service.Accept();
        await service.Accept();

        Assert.Null((await service.Get("/api/v1/events?limit=2"))["next_cursor"]);
        Assert.NotNull((await service.Get("/api/v1/events?limit=1"))["next_cursor"]);
    }

    [Theory]
    [InlineData("limit=0", "limit", "\"0\" is not accepted; expected a whole number from 1 to 1000")]
    [InlineData("limit=1001", "limit", "\"1001\" is not accepted; expected a whole number from 1 to 1000")]
    [InlineData("limit=ten", "limit", "\"ten\" is not accepted; expected a whole number from 1 to 1000")]
    [InlineData("cursor=abc", "cursor", "is not a cursor of this list; expected the next_cursor of the page before, unchanged")]
    [InlineData("cursor=", "cursor", "is not a cursor of this list; expected the next_cursor of the page before, unchanged")]
    [InlineData("cursor=!!!!!!!!!!!!", "cursor", "is not a cursor of this list; expected the next_cursor of the page before, unchanged")]
    [InlineData("cursor=ZAAAAAAAAAAF", "cursor", "is not a cursor of this list; expected the next_cursor of the page before, unchanged")]
    [InlineData("cursor=Zf__________", "cursor", "is not a cursor of this list; expected the next_cursor of the page before, unchanged")]
    [InlineData("priority=urgent", "priority", "\"urgent\" is not a known value; expected one of critical, high, medium, low")]
    [InlineData("priority=background", "priority", "\"background\" is not a known value; expected one of critical, high, medium, low")]
    [InlineData("status=lost", "status", "\"lost\" is not a known value; expected one of pending, delivered, dead_letter, unrouted, erased, expired")]
    [InlineData("correlation_id=a%20b", "correlation_id", "\"a b\" is not a correlation id; expected 1 to 128 characters of A-Za-z0-9._-")]
    [InlineData("since=yesterday", "since", "\"yesterday\" is not a time; expected ISO 8601, such as 2026-01-31T12:00:00Z (a + in an offset is written %2B)")]
    [InlineData("until=01/02/2026", "until", "\"01/02/2026\" is not a time; expected ISO 8601, such as 2026-01-31T12:00:00Z (a + in an offset is written %2B)")]
    [InlineData("since=2026-01-02&until=2026-01-01", "until", "\"2026-01-01\" must be after since, \"2026-01-02\"")]
    [InlineData("source=%20", "source", "must not be blank")]
    [InlineData("event_type=", "event_type", "must not be blank")]
    [InlineData("q=", "q", "must not be blank")]
    [InlineData("sorce=a", "sorce", "is not known; expected one of source, event_type, priority, status, correlation_id, since, until, q, cursor, limit")]
    [InlineData("source=a&source=b", "source", "must be given once")]
    public async Task What_is_wrong_with_the_query_is_named(string query, string name, string fault)
    {
        var problem = await Service.Ask(HttpMethod.Get, $"/api/v1/events?{query}", HttpStatusCode.BadRequest);

        Assert.Equal([fault], problem["errors"]![name]!.AsArray().Select(static text => (string?)text));
    }

    [Fact]
    public async Task All_that_is_wrong_is_named_at_once()
    {
        var problem = await Service.Ask(HttpMethod.Get, $"/api/v1/events?limit=0&cursor=x&status=y&q={new string('q', 257)}", HttpStatusCode.BadRequest);

        Assert.Equal(["status", "q", "cursor", "limit"], problem["errors"]!.AsObject().Select(static error => error.Key));
        Assert.Equal("must have at most 256 characters, has 257", (string?)problem["errors"]!["q"]![0]);
        Assert.Equal(32, ((string?)problem["correlation_id"])!.Length);
    }

    /// <summary>The ids of the events of a list, over all its pages.</summary>
    private static ValueTask<List<string>> EventIds(MiddlewareService service, string query) =>
        service.Pages($"/api/v1/events?{query}").SelectMany(static page => page).Select(static item => (string)item!["event_id"]!).ToListAsync(Waiting.Cancellation);
}
