using System.IO.Compression;
using System.Text;
using static Tests.EncodedBody;

namespace Tests.Middleware.Http;

public sealed class DecodingBodies() : OnAService(MiddlewareService.OnKestrel())
{
    private const string Event = "/integrations/events";
    private const string Batch = "/integrations/events/batch";
    private const string Endpoints = "/api/v1/endpoints";
    private const string Filters = "/api/v1/filters/test";
    private const string Replays = "/api/v1/replays";
    private const string Endpoint = """{"name":"other","url":"https://example.com/hook"}""";
    private const string Replay = """{"of":"events","filter":{},"dry_run":true}""";
    private const int Bomb = 1 << 30;

    private static readonly string Made = ServiceRequests.Event("tests");

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
        await IsRead(Event, Made);
        await IsRead("/v2" + Batch, $"[{Made}]", HttpStatusCode.Accepted);
        await IsRead(Endpoints, Endpoint, HttpStatusCode.Created);
        await IsRead(Filters, $$"""{"filter":{},"event":{{Made}}}""");
        await IsRead(Replays, Replay);

        Task IsRead(string path, string body, HttpStatusCode accepted = HttpStatusCode.OK) => Send(Service, path, Encode(encoding, body), encoding).HasStatus(accepted);
    }

    [Theory]
    [InlineData("gzip", Event, 2_048)]
    [InlineData("br", Event, 2_048)]
    [InlineData("gzip", Batch, 8 << 20)]
    [InlineData("deflate", Batch, 8 << 20)]
    [InlineData("gzip", Endpoints, 65_536)]
    [InlineData("gzip", Filters, 2_048 + 65_536)]
    [InlineData("gzip", Replays, 3 * 65_536)]
    public async Task Limits_are_of_what_is_decoded(string encoding, string path, int limit)
    {
        await using var service = MiddlewareService.OnKestrel(("MAX_EVENT_BYTES", "2048"));

        await Send(service, path, Encode(encoding, "[]".PadRight(limit)), encoding).HasStatus(HttpStatusCode.BadRequest);
        await Send(service, path, Encode(encoding, "[]".PadRight(limit + 1)), encoding).HasStatus(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task What_does_not_get_smaller_is_measured_decoded_too()
    {
        await using var service = MiddlewareService.OnKestrel(("MAX_EVENT_BYTES", "2048"));
        var random = new Random(1);
        var text = new string([.. Enumerable.Range(0, 1_900).Select(_ => (char)random.Next('a', 'z'))]);
        var body = $$"""{"source":"a","event_type":"b","severity":"low","message":"{{text}}"}""".PadRight(2_048);
        using var stored = new MemoryStream();
        await using (var stream = new GZipStream(stored, CompressionLevel.NoCompression))
        {
            stream.Write(Encoding.UTF8.GetBytes(body));
        }

        Assert.InRange(stored.ToArray().Length, 2_049, 3_000);
        await Send(service, Event, stored.ToArray(), "gzip").HasStatus(HttpStatusCode.OK);
    }

    [Fact(Timeout = 180_000)]
    [RunsNatively]
    public async Task A_gigabyte_in_a_megabyte_stops_at_the_limit()
    {
        using var service = await RunningMiddleware.StartAsync(RunningMiddleware.SmallHeap);
        using var http = new HttpClient { BaseAddress = service.Process.Address };
        var member = Encode("gzip", new string(' ', 1 << 24));
        var bomb = Enumerable.Repeat(member, Bomb >> 24).SelectMany(static bytes => bytes).ToArray();
        string[] paths = [Event, Batch, Endpoints, Filters, Replays];

        var statuses = await Task.WhenAll(Enumerable.Range(0, 40).Select(number =>
            http.Send(HttpMethod.Post, paths[number % paths.Length], bomb, "application/json", "Content-Encoding: gzip").StatusCode()));

        Assert.InRange(bomb.Length, 1, 2 << 20);
        Assert.All(statuses, static status => Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status));
        await service.Client.Accept();
        Assert.Equal(0, await service.StopAsync());
    }

    [Fact]
    public async Task A_key_is_that_of_the_event_however_it_is_encoded()
    {
        using var first = await Send(Service, Event, Encode("gzip", Made), "gzip", headers: "Idempotency-Key: one");
        using var again = await Send(Service, Event, Encode("br", Made), "br", headers: "Idempotency-Key: one");
        using var plain = await Service.Post(Event, Made, "Idempotency-Key: one");
        using var other = await Send(Service, Event, Encode("gzip", Made + " "), "gzip", headers: "Idempotency-Key: one");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity), (first.StatusCode, other.StatusCode));
        Assert.All([again, plain], static answer => Assert.Equal("true", answer.Headers.GetValues("Idempotency-Replayed").Single()));
    }

    [Fact]
    public async Task A_header_without_a_body_means_nothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        request.Headers.TryAddWithoutValidation("Content-Encoding", "zstd");

        await Service.Http.SendAsync(request, Waiting.Cancellation).HasStatus(HttpStatusCode.OK);
    }
}
