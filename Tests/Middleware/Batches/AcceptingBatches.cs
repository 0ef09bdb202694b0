using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Middleware.Domain;
using Middleware.UseCases;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Batches;

public sealed class AcceptingBatches
{
    private const string Path = "/integrations/events/batch";

    [Fact]
    public async Task An_array_is_answered_in_order_each_event_by_itself()
    {
        await using var service = new DurableService();

        using var answer = await service.Post(
            Path, $$"""[ {{DurableService.Event("a")}}, {"source":" ","severity":3}, 7,{{DurableService.Event("b")}} ]""", "X-Correlation-ID: c-7");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        var body = await Read(answer);
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
        await service.Recorded();
        Assert.Equal([ids[0], ids[3]], service.Receiver.Sent.Select(static delivery => delivery.Event.IdText));
        Assert.All(service.Receiver.Sent, static delivery => Assert.Equal("c-7", delivery.Event.CorrelationId));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n \t\r\n")]
    public async Task NDJSON_has_an_event_on_each_line_and_may_have_blank_ones(string end)
    {
        await using var service = new DurableService();
        var lines = Encoding.UTF8.GetBytes($"{end}{DurableService.Event("a")}{end}{{\"source\"{end}  {DurableService.Event("b")} {end}{DurableService.Event("c")}");

        using var answer = await service.Send(HttpMethod.Post, Path, lines, "application/x-ndjson; charset=utf-8");

        var body = await Read(answer);
        Assert.Equal("accepted rejected accepted accepted", Statuses(body));
        Assert.StartsWith("is not valid JSON: ", (string?)body["results"]![1]!["errors"]!["body"]![0]);
    }

    [Fact]
    public async Task Without_a_correlation_id_all_bear_the_one_that_is_made_for_the_request()
    {
        await using var service = new DurableService();

        using var answer = await service.Post(Path, $"[{DurableService.Event("a")},{DurableService.Event("b")}]");

        var made = Assert.Single(answer.Headers.GetValues("X-Correlation-ID"));
        Assert.All((await Read(answer))["results"]!.AsArray(), result => Assert.Equal(made, (string?)result!["correlation_id"]));
    }

    [Theory]
    [InlineData("", "must be a JSON array of events; for one event on each line the Content-Type is application/x-ndjson")]
    [InlineData("{}", "must be a JSON array of events; for one event on each line the Content-Type is application/x-ndjson")]
    [InlineData("[]", "has no event")]
    [InlineData(" [ ] ", "has no event")]
    [InlineData("[{\"a\":\"]\"}", "is not valid JSON: the array does not end")]
    [InlineData("[{\"a\":\"\\\"]\"},\"", "is not valid JSON: the array does not end")]
    [InlineData("[{}] {}", "is not valid JSON: the array ends at byte 3 and more follows")]
    [InlineData("[{}}", "is not valid JSON: the array ends at byte 3 and more follows")]
    public async Task A_body_that_is_no_array_is_refused_as_a_whole(string body, string fault)
    {
        await using var service = new DurableService();

        using var answer = await service.Post(Path, body);

        await Refused(service, answer, HttpStatusCode.BadRequest, fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \r\n")]
    public async Task NDJSON_without_an_event_is_refused(string body)
    {
        await using var service = new DurableService();

        using var answer = await service.Send(HttpMethod.Post, Path, Encoding.UTF8.GetBytes(body), "application/x-ndjson");

        await Refused(service, answer, HttpStatusCode.BadRequest, "has no event");
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public async Task A_thousand_events_are_a_batch_and_no_more(int count, bool isBatch)
    {
        await using var service = new DurableService(("QUEUE_SIZE", "10000"));
        var lines = string.Join('\n', Enumerable.Repeat(DurableService.Event("a"), count));

        using var array = await service.Post(Path, $"[{lines.Replace('\n', ',')}]");
        using var ndjson = await service.Send(HttpMethod.Post, Path, Encoding.UTF8.GetBytes(lines), "application/x-ndjson");

        foreach (var answer in new[] { array, ndjson })
        {
            if (isBatch)
            {
                Assert.Equal(count, (int)(await Read(answer))["accepted"]!);
            }
            else
            {
                await Refused(service, answer, HttpStatusCode.BadRequest, "has more than 1000 events");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Eight_mebibytes_are_a_batch_and_no_more(bool chunked)
    {
        await using var service = new DurableService();
        var largest = Encoding.UTF8.GetBytes($"[{DurableService.Event("a")}]".PadRight(8 << 20));

        using var accepted = await Send(largest);
        using var refused = await Send([.. largest, (byte)' ']);

        Assert.Equal(1, (int)(await Read(accepted))["accepted"]!);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Equal("The body is larger than 8388608 bytes. Nothing of it was kept: send it in smaller batches.", (string?)(await Read(refused))["detail"]);

        Task<HttpResponseMessage> Send(byte[] body)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new ByteArrayContent(body) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            request.Headers.TransferEncodingChunked = chunked;
            return service.Http.SendAsync(request, Waiting.Cancellation).InTime();
        }
    }

    [Fact]
    public async Task Each_event_keeps_to_the_limit_of_one()
    {
        await using var service = new DurableService(("MAX_EVENT_BYTES", "1024"));
        var (fits, tooLarge) = (Sized(1_024), Sized(1_025));

        using var answer = await service.Post(Path, $"[ {fits} , {tooLarge} ,{fits}]");

        var body = await Read(answer);
        Assert.Equal("accepted rejected accepted", Statuses(body));
        Assert.Equal("""{"body":["is larger than 1024 bytes (MAX_EVENT_BYTES)"]}""", body["results"]![1]!["errors"]!.ToJsonString());

        static string Sized(int bytes) => DurableService.Event(new string('a', 200)).Replace("\"m\"", $"\"{new string('m', bytes - 200 - DurableService.Event("").Length + 1)}\"", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Another_content_type_is_refused(string? contentType)
    {
        await using var service = new DurableService();

        using var answer = await service.Send(HttpMethod.Post, Path, "[]"u8.ToArray(), contentType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal(
            $"Content-Type is \"{contentType}\"; application/json or application/x-ndjson in UTF-8 is accepted.", (string?)(await Read(answer))["detail"]);
    }

    [Fact]
    public async Task Events_that_find_the_queue_full_are_rejected_and_the_others_kept()
    {
        await using var service = new DurableService(("QUEUE_SIZE", "5"));
        service.Receiver.Hold();

        using var part = await service.Post(Path, $"[{string.Join(',', Enumerable.Repeat(DurableService.Event("a"), 7))}]");
        using var none = await service.Post(Path, $"[{DurableService.Event("a")}]", "Idempotency-Key: k");

        var body = await Read(part);
        Assert.Equal("accepted accepted accepted accepted accepted rejected rejected", Statuses(body));
        Assert.Equal(
            """{"queue":["every endpoint that must hear of this event has a full queue (QUEUE_SIZE): send it again later"]}""",
            body["results"]![6]!["errors"]!.ToJsonString());
        Assert.Equal((0, 1), Counts(await Read(none)));

        // Nothing of it was kept, the answer neither: with the same key it is judged again.
        service.Receiver.Release();
        await service.Recorded();
        using var again = await service.Post(Path, $"[{DurableService.Event("a")}]", "Idempotency-Key: k");
        Assert.Equal((1, 0), Counts(await Read(again)));
        Assert.False(again.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task The_same_key_is_answered_byte_for_byte_and_keeps_nothing()
    {
        await using var service = new DurableService();
        var batch = $$"""[{{DurableService.Event("a")}},{"source":1}]""";

        using var first = await service.Post(Path, batch, "Idempotency-Key: k");
        using var second = await service.Post(Path, batch, "Idempotency-Key: k");
        using var single = await service.Post("/integrations/events", DurableService.Event("a"), "Idempotency-Key: k");

        Assert.Equal(
            await first.Content.ReadAsByteArrayAsync(Waiting.Cancellation), await second.Content.ReadAsByteArrayAsync(Waiting.Cancellation));
        Assert.Equal("application/json", second.Content.Headers.ContentType!.ToString());
        Assert.Equal("true", Assert.Single(second.Headers.GetValues("Idempotency-Replayed")));
        Assert.False(single.Headers.Contains("Idempotency-Replayed"));
        await service.Recorded();
        Assert.Equal(2, service.Receiver.Sent.Count);
    }

    [Theory]
    [InlineData("[{}]")]
    [InlineData("[{\"source\":\"b\",\"event_type\":\"t\",\"severity\":\"low\",\"message\":\"m\"}]")]
    public async Task The_same_key_with_another_body_is_refused(string other)
    {
        await using var service = new DurableService();
        using var first = await service.Post(Path, $"[{DurableService.Event("a")}]", "Idempotency-Key: k");

        using var second = await service.Post(Path, other, "Idempotency-Key: k");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, second.StatusCode);
        await service.Recorded();
        Assert.Single(service.Receiver.Sent);
    }

    [Theory]
    [InlineData("/integrations/events", "")]
    [InlineData(Path, "memory")]
    [InlineData(Path, "")]
    public async Task Sixty_four_at_once_with_one_key_are_one_event_and_one_answer(string path, string store)
    {
        await using var service = new DurableService(("ConnectionStrings:events", store));
        var body = path == Path ? $"[{DurableService.Event("a")}]" : DurableService.Event("a");
        _ = service.Http;

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            using var answer = await service.Post(path, body, "Idempotency-Key: k");
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Waiting.Cancellation), answer.Headers.Contains("Idempotency-Replayed"));
        })));

        Assert.Single(answers.Select(static answer => (answer.StatusCode, answer.Item2)).Distinct());
        Assert.Equal(HttpStatusCode.OK, answers[0].StatusCode);
        Assert.Single(answers, static answer => !answer.Item3);
        await service.Recorded();
        Assert.Single(service.Receiver.Sent);
    }

    private static async Task<JsonNode> Read(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(Waiting.Cancellation))!;

    private static (int Accepted, int Rejected) Counts(JsonNode body) => ((int)body["accepted"]!, (int)body["rejected"]!);

    private static string Statuses(JsonNode body) => string.Join(' ', body["results"]!.AsArray().Select(static result => (string?)result!["status"]));

    private static async Task Refused(DurableService service, HttpResponseMessage answer, HttpStatusCode status, string fault)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(fault, (string?)(await Read(answer))["errors"]!["body"]![0]);
        Assert.Equal(0, service.Services.GetRequiredService<IEventStore>().Waiting(EndpointId.Default));
        Assert.Empty(service.Receiver.Sent);
    }
}
