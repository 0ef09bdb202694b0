using Tests.Middleware.Http.Contract;
using static Tests.EncodedBody;

namespace Tests.Middleware.Http;

public sealed class RefusingEncodings() : OnAService(MiddlewareService.OnKestrel())
{
    private const string Event = "/integrations/events";
    private const string Batch = "/integrations/events/batch";

    [Theory]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, br")]
    [InlineData("gzip, gzip")]
    [InlineData("*")]
    public async Task Another_coding_and_more_than_one_are_refused_by_every_route_with_the_codings_it_accepts(string encoding)
    {
        var operations = (await ServedDocument.OfAsync(Service)).Operations.Where(static operation => operation.Bodies.Count > 0).ToList();

        Assert.InRange(operations.Count, 10, 100);
        foreach (var operation in operations)
        {
            using var answer = await Service.Http.Send(
                new HttpMethod(operation.Method), operation.Path, "{}"u8.ToArray(), operation.Bodies.First().Key, $"Content-Encoding: {encoding}");

            Assert.Equal(["gzip", "deflate", "br"], answer.Headers.GetValues("Accept-Encoding").SelectMany(static value => value.Split(", ")));
            await Task.FromResult(answer).IsProblem(
                HttpStatusCode.UnsupportedMediaType,
                "The content encoding is not supported.",
                $"Content-Encoding is \"{encoding}\"; expected one of gzip, deflate, br, once, or none.");
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task What_is_cut_off_or_damaged_is_refused_wherever_it_is(string encoding)
    {
        var whole = Encode(encoding, string.Join('\n', Enumerable.Range(0, 5).Select(static number => ServiceRequests.Event($"tests-{number}"))));

        for (var length = 1; length < whole.Length; length++)
        {
            await IsBroken(whole[..length]);
        }

        await IsBroken("{\"source\":\"plain\"}"u8.ToArray());
        foreach (var path in (string[])[Event, "/api/v1/endpoints", "/api/v1/filters/test", "/api/v1/replays"])
        {
            await Send(Service, path, whole[..^4], encoding).HasStatus(HttpStatusCode.BadRequest);
        }

        async Task IsBroken(byte[] body)
        {
            using var answer = await Send(Service, Batch, body, encoding, "application/x-ndjson");
            var text = await answer.Content.ReadAsStringAsync(Waiting.Cancellation);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{body.Length} of {whole.Length} bytes: {answer.StatusCode} {text}");
            Assert.Equal("is not what its Content-Encoding says: it is damaged, cut off, or encoded otherwise", (string?)JsonNode.Parse(text)!["errors"]!["body"]![0]);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Any_bytes_are_judged(string encoding)
    {
        await using var service = MiddlewareService.OnKestrel(("QUEUE_SIZE", "1000000"));
        var whole = Encode(encoding, ServiceRequests.Event("tests"));
        var random = new Random(1);
        byte[] withDictionary = [0x78, 0x20, 1, 2, 3, 4, 5, 6, 7, 8];

        await IsJudged(withDictionary);
        for (var number = 0; number < 1_000; number++)
        {
            var body = whole.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
            }

            await IsJudged(body);
        }

        async Task IsJudged(byte[] body)
        {
            using var answer = await Send(service, Event, body, encoding);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{Convert.ToHexString(body)}: {answer.StatusCode}");
        }
    }
}
