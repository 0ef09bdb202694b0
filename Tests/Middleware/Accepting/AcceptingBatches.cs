using System.Text;

namespace Tests.Middleware.Accepting;

[Trait("Store", "Any")]
public sealed class AcceptingBatches : OnAService
{
    private const string Path = "/integrations/events/batch";

    [Fact]
    public async Task An_array_is_answered_in_order_each_event_by_itself()
    {
        using var answer = await Service.Post(
            Path, $$"""[ {{ServiceRequests.Event("a")}}, {"source":" ","severity":3}, 7,{{ServiceRequests.Event("b")}} ]""", "X-Correlation-ID: c-7").WithStatus(HttpStatusCode.OK);

        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        var body = await answer.Json();
        var ids = body["results"]!.AsArray().Select(static result => (string?)result!["event_id"]).ToList();
        Assert.Equal(
            $$$"""
            {"accepted":2,"rejected":2,"results":[
            {"index":0,"status":"accepted","event_id":"{{{ids[0]}}}","correlation_id":"c-7"},
            {"index":1,"status":"rejected","errors":{"source":["must not be blank"],"event_type":["is required"],"severity":["must be a string"],"message":["is required"]}},
            {"index":2,"status":"rejected","errors":{"body":["must be a JSON object"]}},
            {"index":3,"status":"accepted","event_id":"{{{ids[3]}}}","correlation_id":"c-7"}]}
            """.ReplaceLineEndings(""),
            body.ToJsonString());
        Assert.Matches("^[0-9a-f]{32}$", ids[0]);
        Assert.NotEqual(ids[0], ids[3]);
        await Service.Recorded();
        Assert.Equal([ids[0], ids[3]], Service.Receiver.Sent.Select(static delivery => delivery.Event.IdText));
        Assert.All(Service.Receiver.Sent, static delivery => Assert.Equal("c-7", delivery.Event.CorrelationId));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n \t\r\n")]
    public async Task NDJSON_has_an_event_on_each_line_and_may_have_blank_ones(string end)
    {
        var lines = Encoding.UTF8.GetBytes($"{end}{ServiceRequests.Event("a")}{end}{{\"source\"{end}  {ServiceRequests.Event("b")} {end}{ServiceRequests.Event("c")}");

        var body = await Service.Send(HttpMethod.Post, Path, lines, "application/x-ndjson; charset=utf-8").Json(HttpStatusCode.OK);

        Assert.Equal("accepted rejected accepted accepted", Statuses(body));
        Assert.StartsWith("is not valid JSON: ", (string?)body["results"]![1]!["errors"]!["body"]![0]);
    }

    [Fact]
    public async Task An_event_in_the_name_of_the_platform_is_rejected_alone()
    {
        var body = await Service.Post(Path, HttpStatusCode.OK, $"[{ServiceRequests.Event("a")},{ServiceRequests.Event("aspire-integration")}]");

        Assert.Equal("accepted rejected", Statuses(body));
        Assert.Equal(
            """{"source":["\u0022aspire-integration\u0022 is the platform\u0027s own name; expected the name of another system"]}""",
            body["results"]![1]!["errors"]!.ToJsonString());
    }

    [Fact]
    public async Task Without_a_correlation_id_all_bear_the_one_that_is_made_for_the_request()
    {
        using var answer = await Service.Post(Path, $"[{ServiceRequests.Event("a")},{ServiceRequests.Event("b")}]");

        var made = Assert.Single(answer.Headers.GetValues("X-Correlation-ID"));
        Assert.All((await answer.Json())["results"]!.AsArray(), result => Assert.Equal(made, (string?)result!["correlation_id"]));
    }

    [Fact]
    public async Task Each_event_keeps_to_the_limit_of_one()
    {
        await using var service = new MiddlewareService(("MAX_EVENT_BYTES", "1024"));
        var (fits, tooLarge) = (Sized(1_024), Sized(1_025));

        var body = await service.Post(Path, HttpStatusCode.OK, $"[ {fits} , {tooLarge} ,{fits}]");

        Assert.Equal("accepted rejected accepted", Statuses(body));
        Assert.Equal("""{"body":["is larger than 1024 bytes (MAX_EVENT_BYTES)"]}""", body["results"]![1]!["errors"]!.ToJsonString());

        static string Sized(int bytes) => ServiceRequests.Event(new string('a', 200)).Replace("\"m\"", $"\"{new string('m', bytes - 200 - ServiceRequests.Event("").Length + 1)}\"", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_that_find_the_queue_full_are_rejected_and_the_others_kept()
    {
        await using var service = new MiddlewareService(("QUEUE_SIZE", "5"));
        service.Receiver.Hold();

        var body = await service.Post(Path, HttpStatusCode.OK, $"[{string.Join(',', Enumerable.Repeat(ServiceRequests.Event("a"), 7))}]");
        using var none = await service.Post(Path, $"[{ServiceRequests.Event("a")}]", "Idempotency-Key: k");

        Assert.Equal("accepted accepted accepted accepted accepted rejected rejected", Statuses(body));
        Assert.Equal(
            """{"queue":["every endpoint that matches this event has a full queue (QUEUE_SIZE): send it again later"]}""",
            body["results"]![6]!["errors"]!.ToJsonString());
        Assert.Equal((0, 1), Counts(await none.Json()));

        // Nothing of it was kept, the answer neither: with the same key it is judged again.
        service.Receiver.Release();
        await service.Recorded();
        using var again = await service.Post(Path, $"[{ServiceRequests.Event("a")}]", "Idempotency-Key: k");
        Assert.Equal((1, 0), Counts(await again.Json()));
        Assert.False(again.Headers.Contains("Idempotency-Replayed"));
    }

    private static (int Accepted, int Rejected) Counts(JsonNode body) => ((int)body["accepted"]!, (int)body["rejected"]!);

    private static string Statuses(JsonNode body) => string.Join(' ', body["results"]!.AsArray().Select(static result => (string?)result!["status"]));
}
