using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Tests.Middleware.Durable;

namespace Tests.Middleware.Api;

public class DecodingBodies
{
    private const string Event = "/integrations/events";
    private const string Batch = "/integrations/events/batch";
    private const string Endpoints = "/api/v1/endpoints";
    private const string Filters = "/api/v1/filters/test";
    private const string Replays = "/api/v1/replays";
    private const string Endpoint = """{"name":"other","url":"https://example.com/hook"}""";
    private const string Replay = """{"of":"events","filter":{},"dry_run":true}""";
    private const int Bomb = 1 << 30;

    private static readonly string Made = DurableService.Event("tests");

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZip")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("identity")]
    [InlineData("identity, gzip")]
    [InlineData(" , br,")]
    public async Task What_is_encoded_is_decoded_on_every_route_that_reads(string encoding)
    {
        await using var service = new DurableService();
        service.UseKestrel();

        Assert.Equal(HttpStatusCode.OK, await StatusOf(Event, Made));
        Assert.Equal(HttpStatusCode.OK, await StatusOf("/v2" + Batch, $"[{Made}]", accepted: HttpStatusCode.Accepted));
        Assert.Equal(HttpStatusCode.OK, await StatusOf(Endpoints, Endpoint, accepted: HttpStatusCode.Created));
        Assert.Equal(HttpStatusCode.OK, await StatusOf(Filters, $$"""{"filter":{},"event":{{Made}}}"""));
        Assert.Equal(HttpStatusCode.OK, await StatusOf(Replays, Replay));

        async Task<HttpStatusCode> StatusOf(string path, string body, HttpStatusCode accepted = HttpStatusCode.OK)
        {
            using var answer = await Send(service, path, Encode(encoding, body), encoding);
            return answer.StatusCode == accepted ? HttpStatusCode.OK : answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, br")]
    [InlineData("gzip, gzip")]
    [InlineData("*")]
    public async Task Another_coding_and_more_than_one_are_refused_with_what_is_accepted(string encoding)
    {
        await using var service = new DurableService();
        service.UseKestrel();

        foreach (var path in (string[])[Event, Batch, "/v2" + Event, Endpoints, Filters, Replays])
        {
            using var answer = await Send(service, path, "{}"u8.ToArray(), encoding);

            Assert.Equal(["gzip", "deflate", "br"], answer.Headers.GetValues("Accept-Encoding").SelectMany(static value => value.Split(", ")));
            await Task.FromResult(answer).IsProblem(
                HttpStatusCode.UnsupportedMediaType,
                "The content encoding is not supported.",
                $"Content-Encoding is \"{encoding}\"; one of gzip, deflate, br is accepted, once, or none.");
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task What_is_cut_off_or_damaged_is_refused_wherever_it_is(string encoding)
    {
        await using var service = new DurableService();
        service.UseKestrel();
        var whole = Encode(encoding, string.Join('\n', Enumerable.Range(0, 5).Select(static number => DurableService.Event($"tests-{number}"))));

        for (var length = 1; length < whole.Length; length++)
        {
            await IsBroken(whole[..length]);
        }

        await IsBroken("{\"source\":\"plain\"}"u8.ToArray());
        foreach (var path in (string[])[Event, Endpoints, Filters, Replays])
        {
            using var answer = await Send(service, path, whole[..^4], encoding);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        async Task IsBroken(byte[] body)
        {
            using var answer = await Send(service, Batch, body, encoding, "application/x-ndjson");
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
        await using var service = new DurableService(("QUEUE_SIZE", "1000000"));
        service.UseKestrel();
        var whole = Encode(encoding, Made);
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

    [Theory]
    [InlineData("gzip", Event, 2_048)]
    [InlineData("br", Event, 2_048)]
    [InlineData("gzip", Batch, 8 << 20)]
    [InlineData("deflate", Batch, 8 << 20)]
    [InlineData("gzip", Endpoints, 65_536)]
    [InlineData("gzip", Filters, 2_048 + 65_536)]
    [InlineData("gzip", Replays, 65_536)]
    public async Task Limits_are_of_what_is_decoded(string encoding, string path, int limit)
    {
        await using var service = new DurableService(("MAX_EVENT_BYTES", "2048"));
        service.UseKestrel();

        using var most = await Send(service, path, Encode(encoding, "[]".PadRight(limit)), encoding);
        using var over = await Send(service, path, Encode(encoding, "[]".PadRight(limit + 1)), encoding);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge), (most.StatusCode, over.StatusCode));
    }

    [Fact]
    public async Task What_does_not_get_smaller_is_measured_decoded_too()
    {
        await using var service = new DurableService(("MAX_EVENT_BYTES", "2048"));
        service.UseKestrel();
        var random = new Random(1);
        var text = new string([.. Enumerable.Range(0, 1_900).Select(_ => (char)random.Next('a', 'z'))]);
        var body = $$"""{"source":"a","event_type":"b","severity":"low","message":"{{text}}"}""".PadRight(2_048);
        using var stored = new MemoryStream();
        await using (var stream = new GZipStream(stored, CompressionLevel.NoCompression))
        {
            stream.Write(Encoding.UTF8.GetBytes(body));
        }

        using var answer = await Send(service, Event, stored.ToArray(), "gzip");

        Assert.InRange(stored.ToArray().Length, 2_049, 3_000);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact(Timeout = 180_000)]
    public async Task A_gigabyte_in_a_megabyte_stops_at_the_limit()
    {
        using var service = await RunningMiddleware.StartAsync("DOTNET_GCHeapHardLimit=0x18000000");
        using var http = new HttpClient { BaseAddress = service.Process.Address };
        var member = Encode("gzip", new string(' ', 1 << 24));
        var bomb = Enumerable.Repeat(member, Bomb >> 24).SelectMany(static bytes => bytes).ToArray();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            var path = ((string[])[Event, Batch, Endpoints, Filters, Replays])[number % 5];
            using var answer = await http.SendAsync(Request(path, bomb, "gzip"), Waiting.Cancellation);
            return answer.StatusCode;
        }));

        Assert.InRange(bomb.Length, 1, 2 << 20);
        Assert.All(statuses, static status => Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status));
        await service.Client.Accept();
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact]
    public async Task A_key_is_that_of_the_event_however_it_is_encoded()
    {
        await using var service = new DurableService();
        service.UseKestrel();

        using var first = await Send(service, Event, Encode("gzip", Made), "gzip", headers: "Idempotency-Key: one");
        using var again = await Send(service, Event, Encode("br", Made), "br", headers: "Idempotency-Key: one");
        using var plain = await service.Post(Event, Made, "Idempotency-Key: one");
        using var other = await Send(service, Event, Encode("gzip", Made + " "), "gzip", headers: "Idempotency-Key: one");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity), (first.StatusCode, other.StatusCode));
        Assert.All([again, plain], static answer => Assert.Equal("true", answer.Headers.GetValues("Idempotency-Replayed").Single()));
    }

    [Fact]
    public async Task A_header_without_a_body_means_nothing()
    {
        await using var service = new DurableService();
        service.UseKestrel();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        request.Headers.TryAddWithoutValidation("Content-Encoding", "zstd");

        using var answer = await service.Http.SendAsync(request, Waiting.Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static byte[] Encode(string encoding, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var encoded = new MemoryStream();
        using (var stream = StreamOf(encoding.Trim(' ', ',').Split(", ")[^1].ToUpperInvariant(), encoded))
        {
            stream.Write(bytes);
        }

        return encoded.ToArray();
    }

    private static Stream StreamOf(string coding, MemoryStream to) => coding switch
    {
        "BR" => new BrotliStream(to, CompressionLevel.Optimal, leaveOpen: true),
        "DEFLATE" => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true),
        "IDENTITY" => new BufferedStream(to),
        _ => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
    };

    private static HttpRequestMessage Request(string path, byte[] body, string encoding, string contentType = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return request;
    }

    private static Task<HttpResponseMessage> Send(
        DurableService service, string path, byte[] body, string encoding, string contentType = "application/json", params string[] headers)
    {
        var request = Request(path, body, encoding, contentType);
        foreach (var parts in headers.Select(static header => header.Split(": ", 2)))
        {
            request.Headers.TryAddWithoutValidation(parts[0], parts[1]);
        }

        return service.Http.SendAsync(request, Waiting.Cancellation).InTime();
    }
}
