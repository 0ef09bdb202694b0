using Middleware.Replays;

namespace Tests.Middleware.Replays;

public sealed class AskingForReplays : OnAService
{
    private const string Path = "/api/v1/replays";

    [Fact]
    public async Task A_replay_is_created_run_and_completed_and_receivers_get_its_id()
    {
        var dead = await Service.AcceptAnswered(503, "billing");
        await Service.AcceptAnswered(503, "shop");
        Service.Receiver.Status = 200;

        using var created = await Service.Post(Path, """{"of":"dead_letters","filter":{"source":"billing","reason":"http_503","since":"2026-03-01"},"rate_per_second":50}""");

        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        var replay = JsonNode.Parse(await created.Content.ReadAsStringAsync(Waiting.Cancellation))!;
        var id = (string)replay["id"]!;
        Assert.Equal($"{Path}/{id}", created.Headers.Location!.ToString());
        Assert.Equal(
            $$$"""{"id":"{{{id}}}","dry_run":false,"state":"running","of":"dead_letters","action":"replay","filter":{"source":"billing","event_type":null,"priority":null,"correlation_id":null,"endpoint_id":null,"reason":"http_503","since":"2026-03-01T00:00:00Z","until":null},"selected":null,"endpoint_id":null,"rate_per_second":50,"total":1,"total_is_lower_bound":false,"queued":0,"skipped":0,"waiting":0,"remaining":1,"created_at":"2026-03-01T12:00:00Z","ended_at":null}""",
            replay.ToJsonString());

        await Service.Passing(async () => (string?)(await Service.Ask(HttpMethod.Get, $"{Path}/{id}", HttpStatusCode.OK))["state"] == "completed");

        var completed = await Service.Ask(HttpMethod.Get, $"{Path}/{id}", HttpStatusCode.OK);
        Assert.Equal((1, 0, 0), ((int)completed["queued"]!, (int)completed["waiting"]!, (int)completed["remaining"]!));
        var again = Assert.Single(Service.Receiver.Sent, static delivery => delivery.ReplayId is not null);
        Assert.Equal((id, dead), (again.ReplayId, again.Event.IdText));
        Assert.Equal("shop", (string?)Assert.Single((await Service.Ask(HttpMethod.Get, "/api/v1/dead-letters", HttpStatusCode.OK))["items"]!.AsArray())!["source"]);
    }

    [Fact]
    public async Task A_discard_takes_the_dead_letters_of_an_endpoint_that_is_gone()
    {
        var id = (string)(await Service.Create("""{"name":"pager","url":"https://pager.test/"}"""))["id"]!;
        Service.Receiver.StatusAt[id] = 404;
        await Service.AcceptAnswered(200);
        await Waiting.Until(() => Service.WaitsInAll == 0);
        await Service.Http.SendJson(HttpMethod.Delete, $"{ServiceRequests.Endpoints}/{id}", body: null, "If-Match: *").HasStatus(HttpStatusCode.NoContent);

        await Service.Ask(HttpMethod.Post, Path, HttpStatusCode.BadRequest, $$$"""{"of":"dead_letters","filter":{"endpoint_id":"{{{id}}}"}}""");
        var created = await Service.Ask(HttpMethod.Post, Path, HttpStatusCode.Accepted, $$$"""{"of":"dead_letters","action":"discard","filter":{"endpoint_id":"{{{id}}}"}}""", "X-Operator: jane");

        Assert.Equal(1, (int)created["total"]!);
        await Service.Passing(async () => (string?)(await Service.Ask(HttpMethod.Get, $"{Path}/{created["id"]}", HttpStatusCode.OK))["state"] == "completed");
        Assert.Equal("discarded", (string?)Assert.Single((await Service.Get("/api/v1/dead-letters?state=discarded"))["items"]!.AsArray())!["state"]);
        Assert.Single(Service.Log.Of("bulk discard created"));
    }

    [Fact]
    public async Task A_dry_run_only_counts()
    {
        await Service.AcceptAnswered(200);
        await Service.AcceptAnswered(200);

        var count = await Service.Ask(HttpMethod.Post, Path, HttpStatusCode.OK, """{"of":"events","filter":{},"dry_run":true}""");

        Assert.Equal(
            """{"id":null,"dry_run":true,"state":null,"of":"events","action":"replay","filter":{"source":null,"event_type":null,"priority":null,"correlation_id":null,"endpoint_id":null,"reason":null,"since":null,"until":null},"selected":null,"endpoint_id":null,"rate_per_second":null,"total":2,"total_is_lower_bound":false,"queued":0,"skipped":0,"waiting":0,"remaining":2,"created_at":null,"ended_at":null}""",
            count.ToJsonString());
        Assert.Equal("""{"items":[],"next_cursor":null}""", (await Service.Ask(HttpMethod.Get, Path, HttpStatusCode.OK)).ToJsonString());
    }

    [Fact]
    public async Task A_cancelled_replay_stays_as_it_is()
    {
        await Service.AcceptAnswered(503);
        var id = (string)(await Service.Ask(HttpMethod.Post, Path, HttpStatusCode.Accepted, """{"of":"dead_letters","filter":{}}"""))["id"]!;

        var first = await Service.Ask(HttpMethod.Delete, $"{Path}/{id}", HttpStatusCode.OK);
        var second = await Service.Ask(HttpMethod.Delete, $"{Path}/{id}", HttpStatusCode.OK);

        Assert.Equal(("cancelled", "2026-03-01T12:00:00Z"), ((string?)first["state"], (string?)first["ended_at"]));
        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Equal(first.ToJsonString(), (await Service.Ask(HttpMethod.Get, $"{Path}/{id}", HttpStatusCode.OK)).ToJsonString());
    }

    [Fact]
    public async Task A_list_is_paged_newest_first()
    {
        var ids = new List<string>();
        for (var count = 0; count < 5; count++)
        {
            ids.Insert(0, (string)(await Service.Ask(HttpMethod.Post, Path, HttpStatusCode.Accepted, """{"of":"events","filter":{}}"""))["id"]!);
        }

        var first = await Service.Ask(HttpMethod.Get, $"{Path}?limit=3", HttpStatusCode.OK);
        var second = await Service.Ask(HttpMethod.Get, $"{Path}?limit=3&cursor={first["next_cursor"]}", HttpStatusCode.OK);

        Assert.Equal(ids[..3], Ids(first));
        Assert.Equal(ids[3..], Ids(second));
        Assert.Null(second["next_cursor"]);

        static IEnumerable<string> Ids(JsonNode page) => page["items"]!.AsArray().Select(static item => (string)item!["id"]!);
    }

    [Fact]
    public async Task Twenty_run_at_once_and_no_more()
    {
        for (var count = 0; count < 20; count++)
        {
            await Service.Ask(HttpMethod.Post, Path, HttpStatusCode.Accepted, """{"of":"events","filter":{}}""");
        }

        var refused = await Service.Ask(HttpMethod.Post, Path, HttpStatusCode.Conflict, """{"of":"events","filter":{}}""");

        Assert.Equal("20 replays run already: wait until one is completed, or cancel one.", (string?)refused["detail"]);
    }

    [Theory]
    [InlineData("""{"filter":{}}""", "of", "is required; expected dead_letters or events")]
    [InlineData("""{"of":"all","filter":{}}""", "of", "\"all\" is not a known value; expected one of dead_letters, events")]
    [InlineData("""{"of":"events"}""", "filter", "is required, or ids in its place; {} takes everything")]
    [InlineData("""{"of":"events","filter":{},"ids":["0198c0de000070008000000000000000"]}""", "filter", "is given beside ids; expected one of both")]
    [InlineData("""{"of":"events","ids":[]}""", "ids", "has 0 entries; expected 1 to 1000")]
    [InlineData("""{"of":"events","ids":"x"}""", "ids", "must be an array of strings")]
    [InlineData("""{"of":"events","ids":["x.default"]}""", "ids[0]", "\"x.default\" is not an event id; expected 32 hexadecimal digits")]
    [InlineData("""{"of":"dead_letters","ids":["0198c0de000070008000000000000000.a","x"]}""", "ids[1]", "\"x\" is not a delivery id; expected the 32 hexadecimal digits of the event id, a dot and the endpoint id (1 to 128 characters)")]
    [InlineData("""{"of":"dead_letters","ids":["0198c0de000070008000000000000000.a"]}""", "ids", "\"0198c0de000070008000000000000000.a\": no such event was accepted here, or it was purged (RETENTION); nothing was done")]
    [InlineData("""{"of":"events","filter":{},"rate_per_second":0}""", "rate_per_second", "must be a whole number from 1 to 100000; it is 0")]
    [InlineData("""{"of":"events","filter":{},"endpoint_id":"pager"}""", "endpoint_id", "\"pager\" is not a registered endpoint")]
    [InlineData("""{"of":"dead_letters","filter":{"endpoint_id":"pager"}}""", "filter.endpoint_id", "\"pager\" is not a registered endpoint")]
    [InlineData("""{"of":"events","filter":{"endpoint_id":"pager"}}""", "filter.endpoint_id", "\"pager\" is not a registered endpoint")]
    [InlineData("""{"of":"events","filter":{"reason":"dns"}}""", "filter.reason", "is of dead letters; events have none")]
    [InlineData("""{"of":"events","filter":{"source":""}}""", "filter.source", "must not be blank")]
    [InlineData("""{"of":"events","filter":{"priority":"urgent"}}""", "filter.priority", "\"urgent\" is not a known value; expected one of critical, high, medium, low")]
    [InlineData("""{"of":"events","filter":{"since":"2026-03-02","until":"2026-03-01"}}""", "filter.until", "\"2026-03-01\" must be after since, \"2026-03-02\"")]
    [InlineData("""{"of":"events","filter":{},"action":"discard"}""", "action", "\"discard\" is of dead letters; events are not discarded")]
    [InlineData("""{"of":"dead_letters","filter":{},"action":"drop"}""", "action", "\"drop\" is not a known value; expected one of replay, discard")]
    [InlineData("""{"of":"dead_letters","filter":{},"action":"discard"}""", "X-Operator", "must name the operator once, with 1 to 128 visible characters")]
    [InlineData("null", "body", "must be a JSON object")]
    public async Task What_is_wrong_is_named(string body, string field, string fault)
    {
        var problem = await Service.Ask(HttpMethod.Post, Path, HttpStatusCode.BadRequest, body);

        Assert.Equal(fault, (string?)problem["errors"]![field]![0]);
        Assert.Empty((await Service.Ask(HttpMethod.Get, Path, HttpStatusCode.OK))["items"]!.AsArray());
    }

    [Theory]
    [InlineData(nameof(ReplayState.Running), false, 5, 12)]
    [InlineData(nameof(ReplayState.Running), true, 17, 0)]
    [InlineData(nameof(ReplayState.Completed), true, 17, 0)]
    [InlineData(nameof(ReplayState.Cancelled), true, 5, 12)]
    public void Every_delivery_of_the_total_is_queued_skipped_or_left(string state, bool isQueued, int skipped, int remaining)
    {
        var answer = BulkReplayItem.Created(new BulkReplay
        {
            Id = "1",
            Number = 1,
            Order = new ReplayOrder { Of = ReplaySubject.DeadLetters, Filter = new ReplaySelection() },
            State = Enum.Parse<ReplayState>(state),
            Total = new ReplayCount(20, IsLowerBound: false),
            Queued = 3,
            Skipped = 5,
            Waiting = 0,
            IsQueued = isQueued,
            CreatedAt = TestClock.Noon,
        });

        Assert.Equal((skipped, remaining), ((int)answer.Skipped, (int)answer.Remaining));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task A_replay_that_is_not_known_is_404(string method)
    {
        var problem = await Service.Ask(new HttpMethod(method), $"{Path}/x", HttpStatusCode.NotFound);

        Assert.Equal("There is no bulk replay \"x\": it was never created, or was purged (DEAD_LETTER_RETENTION).", (string?)problem["detail"]);
    }
}
