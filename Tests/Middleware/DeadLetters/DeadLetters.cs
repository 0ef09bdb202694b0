namespace Tests.Middleware.DeadLetters;

[Trait("Store", "Any")]
public sealed class DeadLetters : OnAService
{
    [Fact]
    public async Task A_dead_letter_shows_why_it_was_given_up_and_when_it_is_tried_again()
    {
        await using var service = new MiddlewareService(("REDELIVERY_SCHEDULE", "1h"));
        var id = await service.AcceptAnswered(503, "billing", "paid", "high");

        var found = await service.Get($"/api/v1/dead-letters/{id}.default");

        Assert.Single(found["attempts"]!.AsArray());
        found.AsObject().Remove("attempts");
        Assert.Equal(
            $$"""{"delivery_id":"{{id}}.default","event_id":"{{id}}","endpoint_id":"default","correlation_id":"c-1","source":"billing","event_type":"paid","priority":"high","accepted_at":"2026-03-01T12:00:00Z","state":"resting","reason":"http_503","failures":1,"attempt_count":1,"first_dead_at":"2026-03-01T12:00:00.0125Z","dead_at":"2026-03-01T12:00:00.0125Z","next_retry_at":"2026-03-01T13:00:00.0125Z","handed_to":null,"discarded_by":null,"discarded_at":null}""",
            found.ToJsonString());
        var page = await service.Get("/api/v1/dead-letters");
        Assert.Equal(found.ToJsonString(), Assert.Single(page["items"]!.AsArray())!.ToJsonString());
        Assert.Null(page["next_cursor"]);
    }

    [Theory]
    [InlineData("", "123")]
    [InlineData("endpoint_id=default", "123")]
    [InlineData("endpoint_id=pager", "")]
    [InlineData("source=billing", "13")]
    [InlineData("event_type=paid", "12")]
    [InlineData("priority=high", "2")]
    [InlineData("reason=http_503", "2")]
    [InlineData("reason=http_404&source=billing", "13")]
    [InlineData("since=2026-03-01T12:01:00Z", "23")]
    [InlineData("until=2026-03-01T12:02:00Z", "12")]
    [InlineData("state=resting", "123")]
    [InlineData("state=queued", "")]
    [InlineData("state=discarded", "4")]
    public async Task Filters_leave_what_they_ask_for(string query, string expected)
    {
        var ids = new List<string> { await Service.AcceptAnswered(404, "billing", "paid") };
        Service.Clock.Advance(TimeSpan.FromMinutes(1));
        ids.Add(await Service.AcceptAnswered(503, "shop", "paid", "high"));
        Service.Clock.Advance(TimeSpan.FromMinutes(1));
        ids.Add(await Service.AcceptAnswered(404, "billing", "sold"));
        ids.Add(await Service.AcceptAnswered(404, "other", "gone"));
        await Service.Discard($"{ids[3]}.default", HttpStatusCode.OK, "jane");
        Service.Receiver.Hold();

        var found = await Service.Get($"/api/v1/dead-letters?{query}");

        Assert.Equal(expected.Reverse().Select(digit => ids[digit - '1']), found["items"]!.AsArray().Select(static item => (string)item!["event_id"]!));
    }

    [Theory]
    [InlineData("", """{"total":3,"items":[{"endpoint_id":"default","reason":"http_404","count":2},{"endpoint_id":"default","reason":"http_503","count":1}],"total_is_lower_bound":false}""")]
    [InlineData("priority=high", """{"total":1,"items":[{"endpoint_id":"default","reason":"http_503","count":1}],"total_is_lower_bound":false}""")]
    [InlineData("state=discarded", """{"total":1,"items":[{"endpoint_id":"default","reason":"http_404","count":1}],"total_is_lower_bound":false}""")]
    [InlineData("reason=timeout", """{"total":0,"items":[],"total_is_lower_bound":false}""")]
    public async Task They_are_counted_by_endpoint_and_reason(string query, string expected)
    {
        await Service.AcceptAnswered(404, "billing", "paid");
        await Service.AcceptAnswered(503, "shop", "paid", "high");
        await Service.AcceptAnswered(404, "billing", "sold");
        await Service.Discard($"{await Service.AcceptAnswered(404, "other", "gone")}.default", HttpStatusCode.OK, "jane");

        Assert.Equal(expected, (await Service.Get($"/api/v1/dead-letters/counts?{query}")).ToJsonString());
    }

    [Fact]
    public async Task Paging_misses_nothing_and_repeats_nothing_while_others_come_and_go()
    {
        var old = new List<string>();
        for (var count = 0; count < 7; count++)
        {
            old.Add(await Service.AcceptAnswered(404));
        }

        var found = new List<string>();
        await foreach (var page in Service.Pages("/api/v1/dead-letters?limit=3"))
        {
            found.AddRange(page.Select(static item => (string)item!["event_id"]!));

            // One that was listed is delivered, another comes.
            Service.Receiver.Status = 200;
            await Service.Post($"/api/v1/dead-letters/{found[^1]}.default/replay", HttpStatusCode.Accepted);
            await Service.UntilStatus(found[^1], "delivered");
            await Service.AcceptAnswered(404);
        }

        old.Reverse();
        Assert.Equal(old, found);
    }

    [Theory]
    [InlineData("limit=1.5", "limit", "\"1.5\" is not accepted; expected a whole number from 1 to 1000")]
    [InlineData("cursor=ZQAAAAAAAAAF", "cursor", "is not a cursor of this list; expected the next_cursor of the page before, unchanged")]
    [InlineData("endpoint_id=", "endpoint_id", "must not be blank")]
    [InlineData("source=", "source", "must not be blank")]
    [InlineData("event_type=", "event_type", "must not be blank")]
    [InlineData("reason=", "reason", "must not be blank")]
    [InlineData("priority=x", "priority", "\"x\" is not a known value; expected one of critical, high, medium, low")]
    [InlineData("state=x", "state", "\"x\" is not a known value; expected one of resting, queued, discarded, handed_over, erased, expired")]
    [InlineData("since=x", "since", "\"x\" is not a time; expected ISO 8601, such as 2026-01-31T12:00:00Z (a + in an offset is written %2B)")]
    [InlineData("until=x", "until", "\"x\" is not a time; expected ISO 8601, such as 2026-01-31T12:00:00Z (a + in an offset is written %2B)")]
    [InlineData("status=pending", "status", "is not known; expected one of endpoint_id, source, event_type, priority, reason, state, since, until, cursor, limit")]
    public async Task What_is_wrong_with_the_query_is_named(string query, string name, string fault)
    {
        var problem = await Service.Ask(HttpMethod.Get, $"/api/v1/dead-letters?{query}", HttpStatusCode.BadRequest);

        Assert.Equal([fault], problem["errors"]![name]!.AsArray().Select(static text => (string?)text));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("0198c0de000070008000000000000000")]
    [InlineData("0198c0de000070008000000000000000.")]
    [InlineData("0198c0de00007000800000000000000x.default")]
    public async Task An_id_that_is_none_is_refused(string id)
    {
        foreach (var problem in new[]
        {
            await Service.Ask(HttpMethod.Get, $"/api/v1/dead-letters/{id}", HttpStatusCode.BadRequest),
            await Service.Post($"/api/v1/dead-letters/{id}/replay", HttpStatusCode.BadRequest),
            await Service.Discard(id, HttpStatusCode.BadRequest, "jane"),
        })
        {
            Assert.Equal(
                $"\"{id}\" is not a delivery id; expected the 32 hexadecimal digits of the event id, a dot and the endpoint id (1 to 128 characters)",
                (string?)problem["errors"]!["delivery_id"]![0]);
        }
    }

    [Fact]
    public async Task A_discarded_dead_letter_is_kept_with_who_discarded_it()
    {
        await using var service = new MiddlewareService(("REDELIVERY_SCHEDULE", "1h"));
        var id = await service.AcceptAnswered(503);
        service.Clock.Advance(TimeSpan.FromSeconds(5));

        var answer = await service.Discard($"{id}.default", HttpStatusCode.OK, "Jane Doe");

        Assert.Equal("discarded", (string?)answer["state"]);
        Assert.Null(answer["next_retry_at"]);
        var delivery = (await service.Get($"/api/v1/events/{id}"))["deliveries"]![0]!;
        Assert.Equal("discarded", (string?)delivery["status"]);
        Assert.Equal("Jane Doe", (string?)delivery["discarded_by"]);
        Assert.Equal("2026-03-01T12:00:05Z", (string?)delivery["discarded_at"]);
        Assert.Equal("Jane Doe", (string?)(await service.Get($"/api/v1/dead-letters/{id}.default"))["discarded_by"]);

        const string Detail = "Jane Doe discarded the dead letter {0} at 2026-03-01T12:00:05Z. Replay the event to deliver it after all.";
        var again = await service.Discard($"{id}.default", HttpStatusCode.Conflict, "joe");
        Assert.Equal(Detail.Replace("{0}", $"{id}.default", StringComparison.Ordinal), (string?)again["detail"]);
        await service.Post($"/api/v1/dead-letters/{id}.default/replay", HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task What_is_queued_or_unknown_is_not_discarded()
    {
        await using var service = new MiddlewareService(("REDELIVERY_SCHEDULE", "1h"));
        var id = await service.AcceptAnswered(503);
        service.Receiver.Hold();
        await service.Post($"/api/v1/dead-letters/{id}.default/replay", HttpStatusCode.Accepted);

        await service.Discard($"{id}.default", HttpStatusCode.Conflict, "jane");
        await service.Discard($"{id}.pager", HttpStatusCode.NotFound, "jane");
        await service.Discard($"{new string('0', 32)}.default", HttpStatusCode.NotFound, "jane");
    }

    [Theory]
    [InlineData()]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("jane", "joe")]
    [InlineData("123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789")]
    public async Task Nobody_discards_without_a_name(params string[] operators)
    {
        var id = await Service.AcceptAnswered(503);

        var problem = await Service.Discard($"{id}.default", HttpStatusCode.BadRequest, operators);

        Assert.Equal("must name the operator once, with 1 to 128 visible characters", (string?)problem["errors"]!["X-Operator"]![0]);
        Assert.Equal("resting", (string?)(await Service.Get($"/api/v1/dead-letters/{id}.default"))["state"]);
    }
}
